import { appendFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AgentKit } from "./kit.ts";
import { type Stage, setTheStage } from "./stage.ts";
import { textContract } from "./texts.ts";

const SOON = { timeout: 90_000, interval: 100 };

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
    }, 240_000);
    afterAll(() => s?.strike(), 60_000);
    const dialogShown = () =>
      expect
        .poll(async () => (await s.room.ov(["explain", "bo"])).stdout, SOON)
        .toMatch(/screen +dialog/);
    /** The foot of the screen, where a dialog has its options. */
    const options = () => s.room.screen("bo").trimEnd().split("\n").slice(-6);
    const clear = () => s.type(...(kit.clear ?? ["C-u"]));

    /** For docs/agents.md: which door a letter really took. */
    const note = (when: string, door: string) => {
      const file = process.env.OV_AGENT_DOORS;
      if (file) appendFileSync(file, `${JSON.stringify({ runtime: kit.runtime, when, door })}\n`);
    };

    test("the first prompt and the role are in the first request", () => {
      const first = s.model.main()[0]!;
      expect(first.prompt).toContain("hello");
      expect(JSON.stringify(first.body)).toContain("You are bo, a builder in a team");
    });

    test("a letter to an idle agent wakes it, reaches the model once, and is seen with its proof", async () => {
      const { door, proof } = await s.seen(await s.send("letter-idle-7261"));
      note("idle", door);
      expect(door).toMatch(doors.idle);
      expect(proof).toMatch(/^(transcript|hook:Stop)$/);
      await s.is("idle");
      expect(s.reached("letter-idle-7261")).toBe(1);
    });

    test("a letter in the middle of a tool call arrives at the tool's end, once", async () => {
      await s.prompt("RUN: sleep 4");
      await s.is("busy");
      const { door } = await s.seen(await s.send("letter-tool-8812"));
      note("tool", door);
      expect(door).toMatch(doors.tool);
      await s.is("idle");
      expect(s.reached("letter-tool-8812")).toBe(1);
    });

    test("a letter to an agent that is about to stop arrives before it stops, once", async () => {
      await s.prompt("SLOW 4");
      await s.is("busy");
      const { door } = await s.seen(await s.send("letter-stop-4405"));
      note("stop", door);
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

    test("ov interrupt ends a turn that streams, and one in which a tool runs", async () => {
      // Claude Code 2.1.332 refuses to run a long sleep alone; 4 s it runs.
      for (const work of ["SLOW 40", "RUN: sleep 4"]) {
        // A prompt that is typed while the turn before still ends is queued behind it.
        await expect.poll(() => s.room.state("bo"), SOON).toMatch(/^(idle|error)$/);
        await s.prompt(work);
        await s.is("busy");
        await expect.poll(() => s.room.screen("bo"), SOON).toMatch(kit.working ?? /./);
        const { interrupted } = await s.room.json("interrupt", "bo");
        expect(interrupted).toBe(true);
        // OpenCode calls a turn whose tool was interrupted a failed one.
        await expect.poll(() => s.room.state("bo"), SOON).toMatch(/^(idle|error)$/);
        clear();
      }
    });

    test("ov command shortens its conversation, and says what shows it", async () => {
      const { proof } = await s.room.json("command", "bo", kit.compact ?? "/compact");
      expect(proof).toMatch(/comp/i);
      await s.is("idle");
    });

    textContract(() => s, kit.written);
    more?.(() => s);
  });
}
