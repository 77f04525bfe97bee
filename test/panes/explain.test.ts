import { afterEach, beforeEach, expect, test } from "vitest";
import { REASON_TEXT } from "../../src/domain/delivery.ts";
import { TeamRoom } from "../team-room.ts";

const SOON = { timeout: 90_000, interval: 80 };
let room: TeamRoom;

beforeEach(async () => {
  room = new TeamRoom();
  const sling = ["sling", "t-1", "--name", "bo", "--prompt", "hello"];
  expect(await room.ov(sling)).toMatchObject({ code: 0 });
  await expect.poll(() => room.state("bo"), SOON).toBe("idle");
});
afterEach(() => room.close());

const tmux = (verb: string, ...args: string[]) => room.tmux(verb, "-t", "=bo:", ...args);
async function prompt(text: string): Promise<void> {
  tmux("send-keys", "-l", text);
  await expect.poll(() => room.screen("bo"), SOON).toContain(`❯\u00a0${text}`);
  tmux("send-keys", "Enter");
}

/** A hazard, the reason that it gives, and a fact that shows it. */
const HOLDS: [string, RegExp, () => Promise<void> | void][] = [
  ["dialog_open", /screen +dialog: Do you want to proceed\?/, () => prompt("ASK: true")],
  [
    "human_draft",
    /screen +at its prompt, a draft stands in its composer/,
    () => void tmux("send-keys", "-l", "half"),
  ],
  ["pane_mode", /pane +in copy mode/, () => void tmux("copy-mode")],
  ["input_off", /pane +its input is switched off/, () => void tmux("select-pane", "-d")],
  [
    "panes_synchronized",
    /pane +synchronized with the panes beside it/,
    () => {
      tmux("split-window", "-d", "cat");
      tmux("set-option", "-w", "synchronize-panes", "on");
    },
  ],
  ["agent_busy", /runtime +status busy/, () => prompt("SLOW 20")],
  ["not_running", /process +exit code 3/, () => prompt("EXIT 3")],
];

test.each(HOLDS)(
  "explain says of a letter held as %s why, by what evidence, and when the next try is",
  async (reason, evidence, hazard) => {
    await hazard();
    if (reason === "not_running") {
      await expect.poll(() => room.state("bo"), SOON).toBe("exited");
    }
    await expect
      .poll(async () => (await room.ov(["explain", "bo"])).stdout, SOON)
      .toMatch(evidence);
    const letter = ["mail", "send", "--to", "bo", "--subject", "News", "--body", "b", "--wake"];
    const { id } = await room.json(...letter);
    await expect.poll(async () => (await room.receipt(id, "bo")).reason, SOON).toBe(reason);
    const { stdout } = await room.ov(["explain", "bo"]);
    expect(stdout).toMatch(evidence);
    expect(stdout).toContain(`held: ${reason}: ${REASON_TEXT[reason as keyof typeof REASON_TEXT]}`);
    expect(stdout).toMatch(/next try in \d+s/);
  },
);
