import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ScriptedModel, startModel } from "../model/server.ts";
import { TeamRoom } from "../team-room.ts";
import { claudeInstalled, makeClaudeHome } from "./claude-room.ts";

const SOON = { timeout: 30_000, interval: 100 };
const skip = !claudeInstalled() && process.env.OV_SKIP_AGENTS === "1";

describe.skipIf(skip)("a Claude Code that a person started", () => {
  let room: TeamRoom;
  let model: ScriptedModel;

  beforeEach(async () => {
    model = await startModel();
    room = new TeamRoom();
    const dir = join(room.base, "home");
    mkdirSync(dir);
    const home = makeClaudeHome({ dir, trusted: [room.root], modelUrl: model.url });
    const bin = join(room.base, "bin");
    mkdirSync(bin);
    symlinkSync(home.bin, join(bin, "claude"));
    Object.assign(room.env, home.env, { PATH: `${bin}:${room.env.PATH}`, PS1: "$ " });
  });
  afterEach(async () => {
    spawnSync("tmux", ["-L", "me", "kill-server"], { env: room.env });
    await room.close();
    await model.close();
  });

  const tmux = (...args: string[]) => {
    const options = { env: room.env, cwd: room.root, encoding: "utf8" as const };
    return execFileSync("tmux", ["-u", "-L", "me", ...args], options);
  };
  const screen = () => tmux("capture-pane", "-p", "-t", "%0");
  const type = (...keys: string[]) => void tmux("send-keys", "-t", "%0", ...keys);
  const state = (wanted: string) => expect.poll(() => room.state("bo"), SOON).toBe(wanted);
  const reached = (text: string) => (model.main().at(-1)?.given ?? "").split(text).length - 1;
  const receipt = (id: string) => room.receipt(id, "bo");
  const seen = (id: string) =>
    expect.poll(async () => (await receipt(id)).state, SOON).toBe("seen");
  const send = async (body: string): Promise<string> => {
    const args = ["mail", "send", "--to", "bo", "--from", "lead", "--subject", "News", "--wake"];
    return (await room.json(...args, "--body", body)).id;
  };
  async function prompt(text: string): Promise<void> {
    type("-l", text);
    await expect.poll(screen, SOON).toContain(text.slice(0, 30));
    type("Enter");
  }

  /** At a shell, by hand, as any day. */
  async function run(): Promise<void> {
    tmux("-f", "/dev/null", "new-session", "-d", "-x", "140", "-y", "40", "bash", "--norc");
    type("-l", "claude --permission-mode manual --allowedTools Bash");
    type("Enter");
    await expect.poll(screen, SOON).toContain("❯\u00a0");
  }
  async function start() {
    await run();
    const adopted = await room.json("adopt", "%0", "--socket", "me", "--name", "bo");
    await state("idle");
    return adopted;
  }

  test("gets a letter by typing, once, proved by its transcript; what it answers is its own", async () => {
    const { runtime, missing, works } = await start();
    expect(runtime).toBe("claude");
    expect(missing.join()).toContain("its hooks are not ours");
    expect(works.join()).toContain("seen is proved by its transcript");
    const id = await send("letter-typed-4471\n/quit\n!ls");
    await seen(id);
    expect(await receipt(id)).toMatchObject({ door: "type", proof: "transcript" });
    await state("idle");
    expect(reached("letter-typed-4471")).toBe(1);
    expect(model.main().at(-1)!.prompt).toMatch(/^\[ov type-\w+\] Mail for you: /);

    type("-l", "half a thought");
    await expect.poll(screen, SOON).toContain("❯\u00a0half a thought");
    const next = await send("letter-draft-8812");
    await expect.poll(async () => (await receipt(next)).reason, SOON).toBe("human_draft");
    expect(screen()).toContain("❯\u00a0half a thought");
    type("C-u");
    await seen(next);
    await state("idle");
    expect([reached("letter-draft-8812"), reached("half a thought")]).toEqual([1, 0]);

    await prompt(`RUN: ${join(process.cwd(), "bin/ov")} mail reply ${id} --body done`);
    await expect.poll(async () => (await receipt(id)).state, SOON).toBe("acked");
  }, 120_000);

  test("adopts itself by a command that it runs in its own pane", async () => {
    await run();
    await prompt(`RUN: ${join(process.cwd(), "bin/ov")} adopt --name bo`);
    await state("idle");
    await expect.poll(() => model.main().at(-1)?.given, SOON).toContain("bo adopted: claude");
    const id = await send("letter-itself-3358");
    await seen(id);
    expect(reached("letter-itself-3358")).toBe(1);
  }, 120_000);

  test("with our hooks in its project gets letters by injection after its first prompt", async () => {
    await room.ov(["hooks", "install"]);
    const { missing } = await start();
    expect(missing.join()).toContain("letters are injected from its next prompt on");
    await prompt("hello");
    await expect.poll(() => model.main().length, SOON).toBeGreaterThan(0);
    await state("idle");
    const id = await send("letter-injected-2290");
    await seen(id);
    expect(await receipt(id)).toMatchObject({ door: "hook:UserPromptSubmit", proof: "transcript" });
    await state("idle");
    await prompt("RUN: sleep 2");
    await state("busy");
    const next = await send("letter-tool-1175");
    await seen(next);
    expect((await receipt(next)).door).toBe("hook:PostToolUse");
    await state("idle");
    expect([reached("letter-injected-2290"), reached("letter-tool-1175")]).toEqual([1, 1]);
    expect(await room.ov(["release", "bo"])).toMatchObject({ code: 0 });
    expect(screen()).toContain("❯\u00a0");
  }, 120_000);
});
