import type { Session } from "../domain/agent.ts";
import { elapsed } from "../domain/clock.ts";
import type { AgentState } from "../domain/state.ts";
import type { Store } from "../ports/store.ts";
import { takeLease } from "./lease.ts";
import type { Observation, TeamTools } from "./observe-agent.ts";

export interface RedrawTools extends TeamTools {
  /** Sessions whose screen may be spoilt, and by what it shows; kept by the caller between rounds. */
  spoilt: Map<string, { doubt: Doubt; since: number; redraws: number }>;
}

/** Why a screen may not show what the program has. */
interface Doubt {
  why: string;
  /** What must stay as it is. */
  of: string;
  /** For so long, in ms. */
  patience: number;
  /** A redraw that changes nothing is an answer after so many. */
  redraws: number;
}

export interface Redrawn {
  /** Unix ms. */
  at: number;
  why: string;
}

const EVENT = "agent.redrawn";
/** A program that draws, or a person at a menu, is through by then. */
const PATIENCE_MS = 3_000;
/** A person who types changes their draft by then. */
const DRAFT_PATIENCE_MS = 20_000;
/** The least time between two redraws of an agent; it doubles while they do not help. */
const AGAIN_MS = 10_000;
const DOUBLINGS = 5;
/** No other writer meanwhile. */
const WRITER_MS = 5_000;
/** A program that starts or works draws by itself, and gets its messages by its hooks. */
const STANDS: readonly AgentState[] = ["unknown", "waiting"];

/**
 * Makes a program draw its whole screen when nobody can read what it shows, or when the same draft
 * stands in its composer for long: after a resize, or when something else wrote into its terminal,
 * old words may stay for as long as it draws only what changes. A draft that is there is drawn
 * again, and not asked about a second time. Called where messages or a goal wait for the agent, and
 * never by a read.
 */
export async function redrawSpoilt(tools: RedrawTools, seen: Observation): Promise<void> {
  const { store, terminal, now, spoilt } = tools;
  const { session } = seen;
  const doubt = doubtOf(seen);
  if (!doubt) {
    spoilt.delete(session.id);
    return;
  }
  const before = spoilt.get(session.id);
  const known = before?.doubt.of === doubt.of ? before : { doubt, since: now(), redraws: 0 };
  spoilt.set(session.id, known);
  if (elapsed(known.since, now()) < doubt.patience) return;
  if (known.redraws >= doubt.redraws) return;
  const wait = AGAIN_MS * 2 ** Math.min(DOUBLINGS, known.redraws);
  const last = store.events.lastOf(session.agent, [EVENT]);
  if (last && elapsed(last.at, now()) < wait) return;
  const lease = `pane:${session.id}`;
  if (!takeLease(tools, lease, WRITER_MS)) return;
  try {
    if (!(await terminal.redraw(session.pane))) return;
    known.redraws += 1;
    store.events.add(EVENT, { agent: session.agent, data: { why: doubt.why } });
  } finally {
    store.leases.release(lease, tools.owner);
  }
}

function doubtOf({ runtime, state, reading }: Observation): Doubt | undefined {
  if (!runtime.redraws || !reading) return undefined;
  if (reading.focus === "none" && STANDS.includes(state.state)) {
    const { detail } = reading;
    return { why: detail, of: "screen", patience: PATIENCE_MS, redraws: Number.POSITIVE_INFINITY };
  }
  if (reading.focus !== "composer" || state.state !== "idle" || reading.draft === "") {
    return undefined;
  }
  const why = "the same draft stood in its composer";
  return { why, of: `draft ${reading.draft}`, patience: DRAFT_PATIENCE_MS, redraws: 1 };
}

/** The last redraw of this session. */
export function redrawnOf(store: Store, session: Session): Redrawn | undefined {
  const last = store.events.lastOf(session.agent, [EVENT]);
  if (!last || last.at < session.startedAt) return undefined;
  const { why } = JSON.parse(last.data ?? "{}") as { why?: string };
  return { at: last.at, why: why ?? "" };
}
