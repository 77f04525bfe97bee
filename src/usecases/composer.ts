import type { HoldReason } from "../domain/delivery.ts";
import type { Runtime, ScreenReading } from "../ports/runtime.ts";
import type { Frame, Guard, Refusal } from "../ports/terminal.ts";
import type { Observation, TeamTools } from "./observe-agent.ts";

/** How text of ours gets from an empty composer into a turn, one key and one look at a time. */
export interface ComposerTools extends TeamTools {
  pause: (ms: number) => Promise<void>;
}

export type Outcome = { woken: true } | { woken: false; reason: HoldReason };

export const VISIBLE_MS = 3_000;
const SUBMIT_MS = 1_500;
const POLL_MS = 25;
const ENTERS = 3;

export const HOLD: Record<Refusal, HoldReason> = {
  pane_gone: "not_running",
  pane_mode: "pane_mode",
  input_off: "input_off",
  panes_synchronized: "panes_synchronized",
  not_the_agent: "not_running",
  input_unread: "input_unread",
  screen_changed: "agent_unknown",
};

export const held = (reason: HoldReason): Outcome => ({ woken: false, reason });

/** What is to be submitted, as it is seen in a composer. */
export interface Ours {
  /** Exactly our text stands there. */
  stands: (draft: string) => boolean;
  /** Our text has gone. */
  left: (draft: string) => boolean;
  /** What the pane remembers with each Enter. */
  id?: string;
}

/** Enter as a key of its own, each behind the guard and a fresh look at what would be submitted. */
export async function submit(
  tools: ComposerTools,
  seen: Observation,
  guard: Guard,
  { stands, left, id }: Ours,
): Promise<Outcome> {
  for (let press = 0; press < ENTERS; press++) {
    const now = await look(tools, seen);
    if (now === undefined) return held("dialog_open");
    const { draft, cursor } = now;
    if (press > 0 && left(draft)) return { woken: true };
    if (!stands(draft)) return held("human_draft");
    // A turn that began meanwhile may open a dialog at any moment, before it is on the screen.
    if (now.busy || hasBegun(tools, seen)) return held("agent_busy");
    const pressed = await tools.terminal.press(
      seen.session.pane,
      "Enter",
      { ...guard, cursor },
      id,
    );
    if (!pressed.ok && pressed.refusal === "screen_changed") continue;
    if (!pressed.ok) return held(HOLD[pressed.refusal]);
    if (await until(tools, seen, SUBMIT_MS, left)) return { woken: true };
  }
  return held("agent_unknown");
}

/** Whether a prompt was taken since the look on which we type. */
function hasBegun({ launcher }: TeamTools, { session, hookAt }: Observation): boolean {
  const mark = launcher.hookMark(session.agent);
  return mark !== undefined && mark.at !== hookAt && mark.event !== "Stop";
}

type Cursor = NonNullable<Guard["cursor"]>;
const cursorOf = ({ cursorX, cursorY }: Frame, reading: ScreenReading | undefined): Cursor => ({
  x: cursorX,
  y: cursorY,
  row: reading?.lastRow,
});

/** For a write that is decided on this look. */
export const guardOf = (
  { commands }: Pick<Runtime, "commands">,
  frame: Frame,
  reading?: ScreenReading,
): Guard => ({ commands, leaveMode: false, cursor: cursorOf(frame, reading), tty: frame.tty });

/** The composer's draft now, and where its cursor is; undefined when something else has the keys. */
export async function look(
  tools: TeamTools,
  seen: Observation,
): Promise<{ draft: string; busy: boolean; cursor: Cursor } | undefined> {
  const frame = (await tools.terminal.look([seen.session.pane]))[0]?.frame;
  const reading = frame ? seen.runtime.read(frame) : undefined;
  if (!frame || reading?.focus !== "composer") return undefined;
  return { draft: reading.draft, busy: reading.busy, cursor: cursorOf(frame, reading) };
}

export async function until(
  tools: ComposerTools,
  seen: Observation,
  ms: number,
  test: (draft: string) => boolean,
): Promise<boolean> {
  const deadline = tools.now() + ms;
  for (;;) {
    const now = await look(tools, seen);
    if (now !== undefined && test(now.draft)) return true;
    if (tools.now() >= deadline) return false;
    await tools.pause(POLL_MS);
  }
}
