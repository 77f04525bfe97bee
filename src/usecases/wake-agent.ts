import type { Delivery } from "../domain/delivery.ts";
import { dueAfter, type HoldReason, nextNotice } from "../domain/delivery.ts";
import type { Message } from "../domain/message.ts";
import { formatNotice, isNotice, isStrayNotice } from "../domain/notice.ts";
import type { Frame, Guard, Refusal } from "../ports/terminal.ts";
import type { Observation, TeamTools } from "./observe-agent.ts";
import { ring } from "./ring-agent.ts";

export interface WakeTools extends TeamTools {
  /** This process: its pid, a colon and a random word. */
  owner: string;
  isAlive: (pid: number) => boolean;
  newId: (prefix: string) => string;
  pause: (ms: number) => Promise<void>;
  /** Resolves when the store may have changed, or after the given time. */
  changed: (ms: number) => Promise<void>;
  modeGraceMs: number;
  /** When each session was first found in a mode, kept by the caller between wakes. */
  modeSince: Map<string, number>;
  /** Since when each watched goal has held, kept by the caller between rounds. */
  goalSince: Map<string, number>;
}

type Due = readonly { message: Message; delivery: Delivery }[];
type Outcome = { woken: true } | { woken: false; reason: HoldReason };

/** One writer a pane, across processes, from the paste to the proof. Longer than all waits below. */
const WRITER_MS = 20_000;
const VISIBLE_MS = 3_000;
const SUBMIT_MS = 1_500;
const POLL_MS = 25;
const ENTERS = 3;

const HOLD: Record<Refusal, HoldReason> = {
  pane_gone: "not_running",
  pane_mode: "pane_mode",
  input_off: "input_off",
  panes_synchronized: "panes_synchronized",
  not_the_agent: "not_running",
  screen_changed: "agent_unknown",
};

const held = (reason: HoldReason): Outcome => ({ woken: false, reason });

/**
 * Makes a turn of an idle agent by typing one notice, or holds the letters with the reason. The
 * letters stay queued: the agent's own hook takes them.
 */
export async function wakeAgent(tools: WakeTools, seen: Observation, due: Due): Promise<Outcome> {
  const { store, now } = tools;
  const { agent } = seen.session;
  const lease = `pane:${seen.session.id}`;
  dropDeadWriter(tools, lease);
  if (!store.leases.take(lease, tools.owner, now() + WRITER_MS)) return held("agent_busy");
  try {
    if (seen.state.state === "idle" && (await ring(tools, seen.session))) return { woken: true };
    const outcome = await attempt(tools, seen, due);
    const seqs = due.map(({ message }) => message.seq);
    if (!outcome.woken)
      store.mail.hold(agent, seqs, outcome.reason, dueAfter(outcome.reason, now()));
    else store.mail.noticed(agent, seqs, nextNotice(notices(due), now()));
    return outcome;
  } finally {
    store.leases.release(lease, tools.owner);
  }
}

/** A writer that was killed leaves its lease behind; nobody waits for a dead process. */
function dropDeadWriter({ store, isAlive }: WakeTools, lease: string): void {
  const holder = store.leases.holder(lease);
  if (holder && !isAlive(Number.parseInt(holder.owner, 10))) {
    store.leases.release(lease, holder.owner);
  }
}

const notices = (due: Due) => Math.max(...due.map(({ delivery }) => delivery.attempts));

async function attempt(tools: WakeTools, seen: Observation, due: Due): Promise<Outcome> {
  const { session, frame } = seen;
  const inMode = frame?.inMode ?? false;
  const since = inMode ? (tools.modeSince.get(session.id) ?? tools.now()) : 0;
  if (inMode) tools.modeSince.set(session.id, since);
  else tools.modeSince.delete(session.id);
  const leaveMode = inMode && tools.now() - since >= tools.modeGraceMs;

  const refused = unsafe(seen, leaveMode);
  if (refused) return held(refused);
  const guard: Guard = { commands: seen.runtime.commands, leaveMode, cursor: cursorOf(frame!) };
  const draft = seen.reading!.draft;
  if (isStrayNotice(draft)) return submit(tools, seen, guard, draft);

  const notice = formatNotice(
    tools.newId("wake"),
    due.map(({ message }) => message),
  );
  const pasted = await tools.terminal.paste(session.pane, notice, guard);
  if (!pasted.ok) return held(HOLD[pasted.refusal]);
  const visible = await until(tools, seen, VISIBLE_MS, (text) => isNotice(text, notice));
  if (!visible) {
    return held((await look(tools, seen))?.draft === "" ? "agent_unknown" : "human_draft");
  }
  await tools.pause(seen.runtime.settleMs);
  return submit(tools, seen, guard, notice);
}

/** Why nothing may be typed now; undefined: the agent is idle at an empty composer. */
function unsafe(seen: Observation, leaveMode: boolean): HoldReason | undefined {
  const { state, frame, reading } = seen;
  if (state.state === "dead" || state.state === "exited" || !frame) return "not_running";
  if (frame.inputOff) return "input_off";
  if (frame.synchronized) return "panes_synchronized";
  if (frame.inMode && !leaveMode) return "pane_mode";
  if (state.state === "waiting" || reading?.focus === "dialog") return "dialog_open";
  if (reading && reading.draft !== "" && !isStrayNotice(reading.draft)) return "human_draft";
  if (state.state === "busy" || state.state === "compacting") return "agent_busy";
  const mayTry = state.state === "idle" || (state.state === "error" && !reading?.busy);
  return mayTry && reading?.focus === "composer" ? undefined : "agent_unknown";
}

/** Enter as a key of its own, each behind the guard and a fresh look at what would be submitted. */
async function submit(
  tools: WakeTools,
  seen: Observation,
  guard: Guard,
  notice: string,
): Promise<Outcome> {
  for (let press = 0; press < ENTERS; press++) {
    const now = await look(tools, seen);
    if (now === undefined) return held("dialog_open");
    const { draft, cursor } = now;
    if (!isNotice(draft, notice))
      return press > 0 && draft === "" ? { woken: true } : held("human_draft");
    const here = { ...guard, cursor };
    const pressed = await tools.terminal.press(seen.session.pane, "Enter", here);
    if (!pressed.ok && pressed.refusal === "screen_changed") continue;
    if (!pressed.ok) return held(HOLD[pressed.refusal]);
    if (await until(tools, seen, SUBMIT_MS, (text) => !isNotice(text, notice))) {
      return { woken: true };
    }
  }
  return held("agent_unknown");
}

type Cursor = NonNullable<Guard["cursor"]>;
const cursorOf = ({ cursorX, cursorY }: Frame): Cursor => ({ x: cursorX, y: cursorY });

/** The composer's draft now, and where its cursor is; undefined when something else has the keys. */
async function look(
  tools: WakeTools,
  seen: Observation,
): Promise<{ draft: string; cursor: Cursor } | undefined> {
  const [frame] = await tools.terminal.look([seen.session.pane]);
  const reading = frame ? seen.runtime.read(frame) : undefined;
  if (!frame || reading?.focus !== "composer") return undefined;
  return { draft: reading.draft, cursor: cursorOf(frame) };
}

async function until(
  tools: WakeTools,
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
