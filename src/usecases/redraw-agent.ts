import type { Session } from "../domain/agent.ts";
import { elapsed } from "../domain/clock.ts";
import type { AgentState } from "../domain/state.ts";
import type { Store } from "../ports/store.ts";
import { takeLease } from "./lease.ts";
import type { Observation, TeamTools } from "./observe-agent.ts";

export interface RedrawTools extends TeamTools {
  /** Sessions whose screen cannot be read, kept by the caller between rounds. */
  unread: Map<string, { since: number; redraws: number }>;
}

export interface Redrawn {
  /** Unix ms. */
  at: number;
  why: string;
}

const EVENT = "agent.redrawn";
/** A program that draws, or a person at a menu, is through by then. */
const PATIENCE_MS = 3_000;
/** The least time between two redraws of an agent; it doubles while they do not help. */
const AGAIN_MS = 10_000;
const DOUBLINGS = 5;
/** No other writer meanwhile. */
const WRITER_MS = 5_000;
/** A program that starts or works draws by itself, and gets its messages by its hooks. */
const STANDS: readonly AgentState[] = ["unknown", "waiting"];

/**
 * Makes a program draw its whole screen when nobody can read what it shows: after a resize, or
 * when something else wrote into its terminal, old rows may stay for as long as it draws only what
 * changes. Called where messages or a goal wait for the agent, and never by a read.
 */
export async function redrawUnread(tools: RedrawTools, seen: Observation): Promise<void> {
  const { store, terminal, now, unread } = tools;
  const { session, runtime, state, reading } = seen;
  if (!runtime.redraws || reading?.focus !== "none" || !STANDS.includes(state.state)) {
    unread.delete(session.id);
    return;
  }
  const known = unread.get(session.id) ?? { since: now(), redraws: 0 };
  unread.set(session.id, known);
  if (elapsed(known.since, now()) < PATIENCE_MS) return;
  const wait = AGAIN_MS * 2 ** Math.min(DOUBLINGS, known.redraws);
  const last = store.events.lastOf(session.agent, [EVENT]);
  if (last && elapsed(last.at, now()) < wait) return;
  const lease = `pane:${session.id}`;
  if (!takeLease(tools, lease, WRITER_MS)) return;
  try {
    if (!(await terminal.redraw(session.pane))) return;
    known.redraws += 1;
    store.events.add(EVENT, { agent: session.agent, data: { why: reading.detail } });
  } finally {
    store.leases.release(lease, tools.owner);
  }
}

/** The last redraw of this session. */
export function redrawnOf(store: Store, session: Session): Redrawn | undefined {
  const last = store.events.lastOf(session.agent, [EVENT]);
  if (!last || last.at < session.startedAt) return undefined;
  const { why } = JSON.parse(last.data ?? "{}") as { why?: string };
  return { at: last.at, why: why ?? "" };
}
