import type { Delivery } from "../domain/delivery.ts";
import { dueAfter, type HoldReason, nextNotice } from "../domain/delivery.ts";
import type { Message } from "../domain/message.ts";
import { formatNotice, isNotice, isStrayNotice } from "../domain/notice.ts";
import { guardOf, HOLD, held, look, type Outcome, submit, until, VISIBLE_MS } from "./composer.ts";
import { takeLease } from "./lease.ts";
import { type Observation, observe, type TeamTools } from "./observe-agent.ts";
import type { RedrawTools } from "./redraw-agent.ts";
import { ring } from "./ring-agent.ts";
import {
  finishTyping,
  settleTyped,
  typeLetters,
  type Unfinished,
  unfinished,
} from "./type-letters.ts";

export interface WakeTools extends TeamTools, RedrawTools {
  newId: (prefix: string) => string;
  pause: (ms: number) => Promise<void>;
  /** Resolves when the store may have changed, or after the given time. */
  changed: (ms: number) => Promise<void>;
  modeGraceMs: number;
  /** When each session was first found in a mode, kept by the caller between wakes. */
  modeSince: Map<string, number>;
  /** Since when each watched goal has held, kept by the caller between rounds. */
  goalSince: Map<string, number>;
  /** Why this process must make room for a newer one; undefined: it need not. */
  replaced?: () => string | undefined;
}

type Due = readonly { message: Message; delivery: Delivery }[];
/** One writer a pane, across processes, from the paste to the proof. Longer than all waits below. */
const WRITER_MS = 20_000;

/**
 * Makes a turn of an idle agent, or holds the letters with the reason. Where our hooks run, one
 * notice is typed and the letters stay queued for them; else the letters themselves are typed.
 */
export async function wakeAgent(tools: WakeTools, seen: Observation, due: Due): Promise<Outcome> {
  const { store, now } = tools;
  const { agent } = seen.session;
  const lease = `pane:${seen.session.id}`;
  if (!takeLease(tools, lease, WRITER_MS)) return held("agent_busy");
  try {
    if (seen.state.state === "idle" && (await ring(tools, seen.session))) return { woken: true };
    const left = await findLeft(tools, seen);
    const outcome = await attempt(tools, left?.seen ?? seen, due, left?.open);
    const seqs = due.map(({ message }) => message.seq);
    if (!outcome.woken)
      store.mail.hold(agent, seqs, outcome.reason, dueAfter(outcome.reason, now()));
    else if (seen.hooked) store.mail.noticed(agent, seqs, nextNotice(notices(due), now()));
    return outcome;
  } finally {
    store.leases.release(lease, tools.owner);
  }
}

const notices = (due: Due) => Math.max(...due.map(({ delivery }) => delivery.attempts));

/** Typed letters of an earlier writer that still wait in the composer, and a fresh look at it. */
async function findLeft(tools: WakeTools, before: Observation) {
  if (!unfinished(tools, before)) return undefined;
  const seen = await observe(tools, before.session);
  const open = unfinished(tools, seen);
  return { seen, open: open && settleTyped(tools, seen, open) ? open : undefined };
}

async function attempt(
  tools: WakeTools,
  seen: Observation,
  due: Due,
  left: Unfinished | undefined,
): Promise<Outcome> {
  const { session, frame } = seen;
  const inMode = frame?.inMode ?? false;
  const since = inMode ? (tools.modeSince.get(session.id) ?? tools.now()) : 0;
  if (inMode) tools.modeSince.set(session.id, since);
  else tools.modeSince.delete(session.id);
  const leaveMode = inMode && tools.now() - since >= tools.modeGraceMs;

  const isOurs = (draft: string) => isStrayNotice(draft) || left?.stands(draft) === true;
  const refused = unsafe(seen, leaveMode, isOurs);
  if (refused) return held(refused);
  const guard = { ...guardOf(seen.runtime, frame!, seen.reading), leaveMode };
  const draft = seen.reading!.draft;
  if (left) return draft === "" ? held("agent_busy") : finishTyping(tools, seen, guard, left);
  if (draft !== "") return submit(tools, seen, guard, notice(draft));
  if (due.length === 0) return held("agent_busy");
  if (!seen.hooked) return typeLetters(tools, seen, guard);

  const text = formatNotice(
    tools.newId("wake"),
    due.map(({ message }) => message),
  );
  const pasted = await tools.terminal.paste(session.pane, text, guard);
  if (!pasted.ok) return held(HOLD[pasted.refusal]);
  const visible = await until(tools, seen, VISIBLE_MS, notice(text).stands);
  if (!visible) {
    return held((await look(tools, seen))?.draft === "" ? "agent_unknown" : "human_draft");
  }
  await tools.pause(seen.runtime.settleMs);
  return submit(tools, seen, guard, notice(text));
}

const notice = (text: string) => ({
  stands: (draft: string) => isNotice(draft, text),
  left: (draft: string) => !isNotice(draft, text),
});

/** Why nothing may be typed now; undefined: the agent is idle at an empty composer. */
function unsafe(
  seen: Observation,
  leaveMode: boolean,
  isOurs: (draft: string) => boolean,
): HoldReason | undefined {
  const { state, frame, reading } = seen;
  if (state.state === "dead" || state.state === "exited") return "not_running";
  if (!frame) return "agent_unknown";
  if (frame.inputOff) return "input_off";
  if (frame.synchronized) return "panes_synchronized";
  if (frame.inMode && !leaveMode) return "pane_mode";
  if (state.state === "waiting" || reading?.focus === "dialog") return "dialog_open";
  if (reading && reading.draft !== "" && !isOurs(reading.draft)) return "human_draft";
  if (state.state === "busy" || state.state === "compacting") return "agent_busy";
  const mayTry = state.state === "idle" || (state.state === "error" && !reading?.busy);
  return mayTry && reading?.focus === "composer" ? undefined : "agent_unknown";
}
