export const AGENT_STATES = [
  "starting",
  "idle",
  "busy",
  "waiting",
  "error",
  "exited",
  "dead",
  "unknown",
] as const;
export type AgentState = (typeof AGENT_STATES)[number];

export const FACT_SOURCES = ["process", "runtime", "screen", "hook"] as const;
export type FactSource = (typeof FACT_SOURCES)[number];

/** One thing that one source says about an agent, with its time (Unix ms). */
export interface Fact {
  source: FactSource;
  state: AgentState;
  /** What was seen, in words: `status busy`, `permission dialog`, `exit code 0`. */
  detail: string;
  at: number;
}

export interface DerivedState {
  state: AgentState;
  detail: string;
  /** The fact that decided, or null when nothing is known. */
  by: Fact | null;
}

/** A session that shows nothing after this time is `unknown`, no longer `starting`. */
export const STARTING_MS = 60_000;

/** A prompt's hook runs before the program writes down that it is busy; a refused prompt never is. */
const HOOK_NEWS_MS = 3_000;

const ENDED: readonly AgentState[] = ["dead", "exited"];
const BLOCKING: readonly AgentState[] = ["waiting", "error"];

/**
 * The state that the facts allow. The process decides about life; a dialog or an error seen by
 * anyone outranks calm; `idle` needs a composer on the screen and no source that says busy.
 */
export function deriveState(facts: readonly Fact[], startedAt: number, now: number): DerivedState {
  const by = (fact: Fact): DerivedState => ({ state: fact.state, detail: fact.detail, by: fact });
  const first = (test: (fact: Fact) => boolean) => facts.find(test);

  const ended = first((f) => f.source === "process" && ENDED.includes(f.state));
  if (ended) return by(ended);
  const blocked = first((f) => BLOCKING.includes(f.state));
  if (blocked) return by(blocked);
  const runtime = first((f) => f.source === "runtime" && f.state !== "unknown");
  const screen = first((f) => f.source === "screen");
  if (runtime?.state === "busy") return by(runtime);
  if (screen?.state === "busy") return by(screen);
  const hook = first((f) => f.source === "hook");
  const isNews = runtime && hook && hook.at > runtime.at && now - hook.at < HOOK_NEWS_MS;
  if (hook?.state === "busy" && isNews) return by(hook);
  const starting = first((f) => f.state === "starting");
  if (starting && now - startedAt < STARTING_MS) return by(starting);
  if (screen?.state === "idle" && runtime?.state !== "starting") return by(runtime ?? screen);
  const young = now - startedAt < STARTING_MS;
  if (young) return { state: "starting", detail: screen?.detail ?? "no prompt yet", by: null };
  return { state: "unknown", detail: screen?.detail ?? "no evidence", by: screen ?? null };
}
