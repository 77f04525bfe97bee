import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type ScriptedModel, startModel } from "../model/server.ts";
import { TeamRoom } from "../team-room.ts";
import { claudeInstalled, makeClaudeHome } from "./claude-room.ts";

const skip = !claudeInstalled() && process.env.OV_SKIP_AGENTS === "1";
const SOON = { timeout: 25_000, interval: 100 };

describe.skipIf(skip)("the real Claude Code against a scripted model", () => {
  let model: ScriptedModel;
  let room: TeamRoom;

  beforeAll(async () => {
    model = await startModel();
    const home = (base: string) => join(base, "home");
    room = new TeamRoom();
    mkdirSync(home(room.base));
    const claude = makeClaudeHome({
      dir: home(room.base),
      trusted: [room.root],
      modelUrl: model.url,
    });
    Object.assign(room.env, claude.env);
    // A path with a space: tmux cuts the program's name there.
    mkdirSync(join(room.base, "my tools"));
    const command = join(room.base, "my tools", "claude");
    symlinkSync(claude.bin, command);
    room.configure(
      `runtimes:\n  claude:\n    command: ${command}\n    args: ["--permission-mode", "manual", "--allowedTools", "Bash(sleep:*)"]\n`,
    );
    const sling = ["sling", "t-1", "--name", "bo", "--runtime", "claude", "--prompt", "hello"];
    expect(await room.ov(sling)).toMatchObject({ code: 0 });
    await vi.waitFor(async () => expect(await room.state("bo")).toBe("idle"), SOON);
  }, 60_000);

  afterAll(async () => {
    await room?.close();
    await model?.close();
  });

  /** How often a text is in what the model was given by the end of the conversation. */
  const reached = (text: string) => (model.main().at(-1)?.given ?? "").split(text).length - 1;

  const send = async (body: string, ...more: string[]) => {
    const args = ["mail", "send", "--to", "bo", "--subject", "News", "--body", body, "--wake"];
    return (await room.json(...args, ...more)).id as string;
  };
  const type = (...keys: string[]) => room.tmux("send-keys", "-t", "=bo:", ...keys);
  const prompt = async (text: string) => {
    type("-l", text);
    await expect.poll(() => room.screen("bo"), SOON).toContain(text.slice(0, 30));
    type("Enter");
  };
  const held = async (id: string, reason: string) =>
    expect.poll(async () => (await room.receipt(id, "bo")).reason, SOON).toBe(reason);
  const seen = async (id: string) => {
    await expect.poll(async () => (await room.receipt(id, "bo")).state, SOON).toBe("seen");
    return room.receipt(id, "bo");
  };
  const idle = () => expect.poll(() => room.state("bo"), SOON).toBe("idle");

  test("the first prompt and the role are in the first request", () => {
    const first = model.main()[0]!;
    expect(first.prompt).toContain("hello");
    expect(JSON.stringify(first.body)).toContain("You are bo, a builder in a team");
  });

  test("a letter to an idle agent wakes it, reaches the model once, and is seen with its proof", async () => {
    const id = await send("letter-idle-7261");
    const receipt = await seen(id);
    expect(receipt.proof).toMatch(/^(transcript|hook:Stop)$/);
    expect(receipt.door).toBe("hook:UserPromptSubmit");
    await idle();
    expect(reached("letter-idle-7261")).toBe(1);
  });

  test("a letter in the middle of a tool call arrives at the tool's end, once", async () => {
    await prompt("RUN: sleep 3");
    await expect.poll(() => room.state("bo"), SOON).toBe("busy");
    const id = await send("letter-tool-8812");
    const receipt = await seen(id);
    expect(receipt.door).toBe("hook:PostToolUse");
    await idle();
    expect(reached("letter-tool-8812")).toBe(1);
  });

  test("a letter to an agent that is about to stop arrives before it stops, once", async () => {
    await prompt("SLOW 2");
    await expect.poll(() => room.state("bo"), SOON).toBe("busy");
    const id = await send("letter-stop-4405");
    const receipt = await seen(id);
    expect(receipt.door).toBe("hook:Stop");
    await idle();
    expect(reached("letter-stop-4405")).toBe(1);
  });

  test("an open dialog holds the letter and is not answered; it arrives after the dialog", async () => {
    await prompt("RUN: touch made-by-dialog");
    await expect.poll(() => room.state("bo"), SOON).toBe("waiting");
    await expect.poll(() => room.screen("bo"), SOON).toContain("1. Yes");
    const id = await send("letter-dialog-3307");
    await held(id, "dialog_open");
    expect(room.screen("bo")).toContain("1. Yes");
    expect(reached("letter-dialog-3307")).toBe(0);
    type("Escape");
    await seen(id);
    await idle();
    expect(reached("letter-dialog-3307")).toBe(1);
    expect(reached("made-by-dialog")).toBeLessThanOrEqual(2);
  });

  test("a half-typed draft holds the letter and stays byte for byte; it arrives after it", async () => {
    const draft = "half a thought: $(id) ünïcode";
    type("-l", draft);
    await expect.poll(() => room.screen("bo"), SOON).toContain(draft);
    const id = await send("letter-draft-9917");
    await held(id, "human_draft");
    const line = room
      .screen("bo")
      .split("\n")
      .find((text) => text.startsWith("❯\u00a0"));
    expect(line?.trimEnd()).toBe(`❯\u00a0${draft}`);
    expect(reached("letter-draft-9917")).toBe(0);
    type("C-u");
    await seen(id);
    await idle();
    expect(reached("letter-draft-9917")).toBe(1);
    expect(reached("half a thought")).toBe(0);
  });

  test("copy mode holds the letter; it arrives after the reader has left", async () => {
    room.tmux("copy-mode", "-t", "=bo:");
    const id = await send("letter-mode-5520");
    await held(id, "pane_mode");
    expect(room.tmux("display-message", "-p", "-t", "=bo:", "#{pane_in_mode}").trim()).toBe("1");
    room.tmux("copy-mode", "-q", "-t", "=bo:");
    await seen(id);
    await idle();
    expect(reached("letter-mode-5520")).toBe(1);
  });

  test("explain names the state, the evidence and why a letter waits", async () => {
    type("-l", "draft");
    await expect.poll(() => room.screen("bo"), SOON).toContain("❯\u00a0draft");
    const id = await send("letter-explain-1188");
    await held(id, "human_draft");
    const { stdout } = await room.ov(["explain", "bo"]);
    expect(stdout).toMatch(/bo is idle: status idle/);
    expect(stdout).toMatch(/screen +at its prompt \(\d+s ago\)/);
    expect(stdout).toContain("held: human_draft: somebody's half-typed text");
    expect(stdout).toMatch(/next try in \d+s/);
    type("C-u");
    await seen(id);
  });
});
