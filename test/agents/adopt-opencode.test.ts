import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ScriptedModel, startModel } from "../model/server.ts";
import { TeamRoom } from "../team-room.ts";
import { opencodeKit } from "./opencode-room.ts";

const SOON = { timeout: 40_000, interval: 100 };
const skip = !opencodeKit.installed() && process.env.OV_SKIP_AGENTS === "1";

describe.skipIf(skip)("an OpenCode that a person started", () => {
  let room: TeamRoom;
  let model: ScriptedModel;

  beforeEach(async () => {
    model = await startModel();
    room = new TeamRoom();
    const dir = join(room.base, "home");
    mkdirSync(dir);
    const { env, command } = opencodeKit.prepare({ dir, trusted: [], modelUrl: model.url });
    const bin = join(room.base, "bin");
    mkdirSync(bin);
    symlinkSync(command, join(bin, "opencode"));
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
  const send = async (body: string): Promise<void> => {
    const args = ["mail", "send", "--to", "bo", "--from", "lead", "--subject", "News", "--wake"];
    const { id } = await room.json(...args, "--body", body);
    await expect.poll(async () => (await room.receipt(id, "bo")).state, SOON).toBe("offered");
    expect((await room.receipt(id, "bo")).door).toBe("type");
  };

  test("gets letters by typing, each once, also where its composer shows a token for them", async () => {
    tmux("-f", "/dev/null", "new-session", "-d", "-x", "140", "-y", "40", "bash", "--norc");
    tmux("send-keys", "-t", "%0", "-l", "opencode");
    tmux("send-keys", "-t", "%0", "Enter");
    await expect.poll(screen, SOON).toContain("Ask anything");
    const adopted = await room.json("adopt", "%0", "--socket", "me", "--name", "bo");
    expect(adopted.runtime).toBe("opencode");
    expect(adopted.missing.join()).toContain("only ov sling can give them");
    await state("idle");
    await send("letter-short-5521\n!ls\n/quit");
    await expect.poll(() => reached("letter-short-5521"), SOON).toBe(1);
    await state("idle");
    await send(`letter-long-7730 ${"word ".repeat(300)}`);
    await expect.poll(() => reached("letter-long-7730"), SOON).toBe(1);
    expect(reached("letter-short-5521")).toBe(1);
  }, 120_000);
});
