import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ScriptedModel, startModel } from "../model/server.ts";
import { TeamRoom } from "../team-room.ts";
import { codexKit } from "./codex-room.ts";

const SOON = { timeout: 30_000, interval: 100 };
const skip = !codexKit.installed() && process.env.OV_SKIP_AGENTS === "1";

describe.skipIf(skip)("a Codex CLI that a person started", () => {
  let room: TeamRoom;
  let model: ScriptedModel;

  beforeEach(async () => {
    model = await startModel();
    room = new TeamRoom();
    const dir = join(room.base, "home");
    mkdirSync(dir);
    const { env, command } = codexKit.prepare({ dir, trusted: [room.root], modelUrl: model.url });
    const bin = join(room.base, "bin");
    mkdirSync(bin);
    symlinkSync(command, join(bin, "codex"));
    Object.assign(room.env, env, { PATH: `${bin}:${room.env.PATH}`, PS1: "$ " });
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
  const state = (wanted: string) => expect.poll(() => room.state("bo"), SOON).toBe(wanted);
  const reached = (text: string) => (model.main().at(-1)?.given ?? "").split(text).length - 1;
  const offered = (id: string) =>
    expect.poll(async () => (await room.receipt(id, "bo")).state, SOON).toBe("offered");
  const send = async (body: string): Promise<string> => {
    const args = ["mail", "send", "--to", "bo", "--from", "lead", "--subject", "News", "--wake"];
    return (await room.json(...args, "--body", body)).id;
  };

  test("gets letters by typing, short ones whole and long ones cut, each once", async () => {
    tmux("-f", "/dev/null", "new-session", "-d", "-x", "140", "-y", "40", "bash", "--norc");
    tmux("send-keys", "-t", "%0", "-l", "codex --no-daemon");
    tmux("send-keys", "-t", "%0", "Enter");
    await expect.poll(screen, SOON).toContain("›");
    const { runtime } = await room.json("adopt", "%0", "--socket", "me", "--name", "bo");
    expect(runtime).toBe("codex");
    await state("idle");
    const id = await send("letter-short-5521\n!ls\n/quit");
    await offered(id);
    await expect.poll(() => reached("letter-short-5521"), SOON).toBe(1);
    await state("idle");
    const long = await send(`letter-long-7730 ${"word ".repeat(600)}`);
    await offered(long);
    await expect.poll(() => reached("letter-long-7730"), SOON).toBe(1);
    expect(reached(`read all of it with: ov mail read ${long}`)).toBe(1);
    expect(reached("letter-short-5521")).toBe(1);
    expect((await room.receipt(long, "bo")).door).toBe("type");
  }, 120_000);
});
