import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type ScriptedModel, startModel } from "../model/server.ts";
import { TeamRoom } from "../team-room.ts";
import type { AgentKit } from "./kit.ts";

const SOON = { timeout: 30_000, interval: 100 };

/** One real agent named bo, at work in a room of its own. */
export interface Stage {
  room: TeamRoom;
  model: ScriptedModel;
  /** How often a text is in what the model was given by the end of the conversation. */
  reached(text: string): number;
  /** Sends bo a letter that may wake it; returns the letter's id. */
  send(body: string, ...more: string[]): Promise<string>;
  /** A person's keys in bo's pane. */
  type(...keys: string[]): void;
  /** A person's prompt: typed, seen, submitted. */
  prompt(text: string): Promise<void>;
  is(state: string): Promise<void>;
  held(id: string, reason: string): Promise<void>;
  seen(id: string): Promise<{ door: string; proof: string }>;
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Makes the room, starts bo with the first prompt `hello`, and waits until it is idle. */
export async function setTheStage(kit: AgentKit): Promise<Stage> {
  const model = await startModel();
  const room = new TeamRoom();
  const dir = join(room.base, "home");
  mkdirSync(dir);
  const home = kit.prepare({ dir, trusted: [room.root], modelUrl: model.url });
  Object.assign(room.env, home.env);
  // A path with a space: tmux cuts the program's name there.
  mkdirSync(join(room.base, "my tools"));
  const command = join(room.base, "my tools", kit.runtime);
  symlinkSync(home.command, command);
  const settings = JSON.stringify({ command, args: home.args });
  room.configure(`runtimes:\n  ${kit.runtime}: ${settings}\n`);

  const type = (...keys: string[]) => void room.tmux("send-keys", "-t", "=bo:", ...keys);
  const is = (state: string) => expect.poll(() => room.state("bo"), SOON).toBe(state);
  const stage: Stage = {
    room,
    model,
    reached: (text) => (model.main().at(-1)?.given ?? "").split(text).length - 1,
    async send(body, ...more) {
      const args = ["mail", "send", "--to", "bo", "--subject", "News", "--body", body, "--wake"];
      return (await room.json(...args, ...more)).id;
    },
    type,
    async prompt(text) {
      type("-l", text);
      await expect.poll(() => room.screen("bo"), SOON).toContain(text.slice(0, 30));
      await pause(kit.settleMs ?? 0);
      type("Enter");
    },
    is,
    held: (id, reason) =>
      expect.poll(async () => (await room.receipt(id, "bo")).reason, SOON).toBe(reason),
    async seen(id) {
      await expect.poll(async () => (await room.receipt(id, "bo")).state, SOON).toBe("seen");
      return room.receipt(id, "bo");
    },
  };
  const sling = ["sling", "t-1", "--name", "bo", "--runtime", kit.runtime, "--prompt", "hello"];
  expect(await room.ov(sling)).toMatchObject({ code: 0 });
  const idle = async () => expect(await room.state("bo")).toBe("idle");
  await vi.waitFor(idle, { ...SOON, timeout: 90_000 });
  return stage;
}

export async function strike(stage: Stage | undefined): Promise<void> {
  await stage?.room.close();
  await stage?.model.close();
}

/** What every runtime keeps with its real program. `more` adds what is special to one. */
export function agentContract(kit: AgentKit, more?: (stage: () => Stage) => void): void {
  const skip = !kit.installed() && process.env.OV_SKIP_AGENTS === "1";
  const doors = {
    idle: /^hook:UserPromptSubmit$/,
    tool: /^hook:PostToolUse$/,
    stop: /^hook:Stop$/,
  };
  Object.assign(doors, kit.doors);

  describe.skipIf(skip)(`the real ${kit.runtime} against a scripted model`, () => {
    let s: Stage;
    beforeAll(async () => {
      s = await setTheStage(kit);
    }, 120_000);
    afterAll(() => strike(s), 60_000);
    const dialogShown = () =>
      expect
        .poll(async () => (await s.room.ov(["explain", "bo"])).stdout, SOON)
        .toMatch(/screen +dialog/);
    /** The foot of the screen, where a dialog has its options. */
    const options = () => s.room.screen("bo").trimEnd().split("\n").slice(-6);
    const clear = () => s.type(...(kit.clear ?? ["C-u"]));

    test("the first prompt and the role are in the first request", () => {
      const first = s.model.main()[0]!;
      expect(first.prompt).toContain("hello");
      expect(JSON.stringify(first.body)).toContain("You are bo, a builder in a team");
    });

    test("a letter to an idle agent wakes it, reaches the model once, and is seen with its proof", async () => {
      const { door, proof } = await s.seen(await s.send("letter-idle-7261"));
      expect(door).toMatch(doors.idle);
      expect(proof).toMatch(/^(transcript|hook:Stop)$/);
      await s.is("idle");
      expect(s.reached("letter-idle-7261")).toBe(1);
    });

    test("a letter in the middle of a tool call arrives at the tool's end, once", async () => {
      await s.prompt("RUN: sleep 3");
      await s.is("busy");
      const { door } = await s.seen(await s.send("letter-tool-8812"));
      expect(door).toMatch(doors.tool);
      await s.is("idle");
      expect(s.reached("letter-tool-8812")).toBe(1);
    });

    test("a letter to an agent that is about to stop arrives before it stops, once", async () => {
      await s.prompt("SLOW 2");
      await s.is("busy");
      const { door } = await s.seen(await s.send("letter-stop-4405"));
      expect(door).toMatch(doors.stop);
      await s.is("idle");
      expect(s.reached("letter-stop-4405")).toBe(1);
    });

    test("an open dialog holds the letter and is not answered; it arrives after the dialog", async () => {
      await s.prompt(kit.ask ?? "RUN: touch made-by-dialog");
      await s.is("waiting");
      await dialogShown();
      const before = options();
      const id = await s.send("letter-dialog-3307");
      await s.held(id, "dialog_open");
      expect(options()).toEqual(before);
      expect(s.reached("letter-dialog-3307")).toBe(0);
      s.type(...(kit.refuse ?? ["Escape"]));
      await s.seen(id);
      await s.is("idle");
      expect(s.reached("letter-dialog-3307")).toBe(1);
    });

    test("a half-typed draft holds the letter or is left as it is, byte for byte", async () => {
      const draft = "half a thought: $(id) ünïcode";
      const line = () =>
        s.room
          .screen("bo")
          .split("\n")
          .filter((text) => text.includes(draft));
      s.type("-l", draft);
      await expect.poll(line, SOON).toHaveLength(1);
      const before = line();
      const id = await s.send("letter-draft-9917");
      if (kit.ringsPastDrafts) await s.seen(id);
      else await s.held(id, "human_draft");
      expect(line()).toEqual(before);
      clear();
      await s.seen(id);
      await s.is("idle");
      expect(s.reached("letter-draft-9917")).toBe(1);
      expect(s.reached("half a thought")).toBe(0);
    });

    test("copy mode is not left under a reader's eyes; the letter arrives", async () => {
      const mode = () =>
        s.room.tmux("display-message", "-p", "-t", "=bo:", "#{pane_in_mode}").trim();
      s.room.tmux("copy-mode", "-t", "=bo:");
      const id = await s.send("letter-mode-5520");
      if (kit.ringsPastDrafts) await s.seen(id);
      else await s.held(id, "pane_mode");
      expect(mode()).toBe("1");
      s.room.tmux("copy-mode", "-q", "-t", "=bo:");
      await s.seen(id);
      await s.is("idle");
      expect(s.reached("letter-mode-5520")).toBe(1);
    });

    test("explain names the state, the evidence and why a letter waits", async () => {
      await s.prompt(kit.ask ?? "RUN: touch made-by-dialog");
      await s.is("waiting");
      await dialogShown();
      const id = await s.send("letter-explain-1188");
      await s.held(id, "dialog_open");
      const { stdout } = await s.room.ov(["explain", "bo"]);
      expect(stdout).toMatch(/bo is waiting/);
      expect(stdout).toMatch(/screen +dialog: .+ \(\d+s ago\)/);
      expect(stdout).toContain("held: dialog_open: a dialog is open");
      expect(stdout).toMatch(/next try in \d+s/);
      s.type(...(kit.refuse ?? ["Escape"]));
      await s.seen(id);
      await s.is("idle");
    });

    more?.(() => s);
  });
}
