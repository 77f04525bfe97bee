import type { Goal, Progress, Watch } from "../domain/goal.ts";
import { reached } from "../domain/goal.ts";
import type { Store } from "../ports/store.ts";
import { type Observation, observe, type TeamTools } from "./observe-agent.ts";

const REPORTS = ["worker_done", "merge_ready", "result"];
/** An agent between two turns is idle for a moment; the goal must hold this long. */
const HOLDS_MS = 700;
const LOOK_MS = 500;

function newestReport(store: Store, agent: string, since: number): string | undefined {
  const letters = store.mail.list({ sender: agent, limit: 20 });
  return letters.find(({ message: m }) => m.createdAt >= since && REPORTS.includes(m.type))?.message
    .subject;
}

function progress(
  { store }: TeamTools,
  agent: string,
  seen: Observation | undefined,
  since: number,
): Progress {
  return {
    state: seen?.state.state ?? "stopped",
    openMail: store.mail.count(agent).open,
    report: newestReport(store, agent, since),
  };
}

/**
 * Waits until the agent has reached the goal, or the deadline (Unix ms): resolves to the words, or
 * undefined. `changed` resolves when the store may have changed, or after the given time.
 */
export async function awaitGoal(
  tools: TeamTools,
  agent: string,
  goal: Goal,
  deadline: number,
  changed: (ms: number) => Promise<void>,
): Promise<string | undefined> {
  const since = tools.now();
  const held = new Map<string, number>();
  for (;;) {
    const session = tools.store.sessions.liveOf(agent);
    const seen = session && (await observe(tools, session));
    const words = reached(goal, progress(tools, agent, seen, since));
    if (words === undefined) held.clear();
    else if (goal !== "idle" || holds(held, agent, tools.now())) return words;
    if (tools.now() >= deadline) return undefined;
    await changed(Math.min(LOOK_MS, Math.max(1, deadline - tools.now())));
  }
}

/**
 * Tells those who asked to be told about these agents, each once. `seen` holds what a look has
 * just shown of the live ones; `held` is kept by the caller from round to round.
 */
export function fireWatches(
  tools: TeamTools,
  seen: ReadonlyMap<string, Observation>,
  held: Map<string, number>,
): void {
  const { store, now } = tools;
  for (const watch of store.watches.list()) {
    const key = `${watch.agent} ${watch.goal} ${watch.subscriber}`;
    const known = progress(tools, watch.agent, seen.get(watch.agent), watch.since);
    const words = reached(watch.goal, known);
    if (words === undefined) held.delete(key);
    else if (watch.goal !== "idle" || holds(held, key, now())) fire(store, watch, words, seen);
  }
}

function holds(held: Map<string, number>, key: string, now: number): boolean {
  const first = held.get(key) ?? now;
  held.set(key, first);
  return now - first >= HOLDS_MS;
}

function fire(
  store: Store,
  watch: Watch,
  words: string,
  seen: ReadonlyMap<string, Observation>,
): void {
  const detail = seen.get(watch.agent)?.state.detail;
  const body = `You asked to be told when ${watch.agent} is ${watch.goal}.${detail ? ` Now: ${detail}.` : ""}`;
  store.watches.fire(watch, `${watch.agent} ${words}`, body);
}

/** Watches that can still come true: of agents that run, and of ends. */
export const openWatches = ({ store }: TeamTools): Watch[] =>
  store.watches
    .list()
    .filter(({ agent, goal }) => goal === "done" || store.sessions.liveOf(agent) !== undefined);
