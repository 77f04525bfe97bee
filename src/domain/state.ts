import { formatAge } from "./duration.ts";

export const AGENT_STATES = [
  "starting",
  "idle",
  "busy",
  "waiting",
  "compacting",
  "error",
  "exited",
  "dead",
  "unknown",
] as const;
export type AgentState = (typeof AGENT_STATES)[number];

export const FACT_SOURCES = [
  "process",
  "server",
  "pane",
  "runtime",
  "transcript",
  "screen",
  "hook",
] as const;
export type FactSource = (typeof FACT_SOURCES)[number];

/** One thing that one source says about an agent, with its time (Unix ms). */
export interface Fact {
  source: FactSource;
  state: AgentState;
  /** What was seen, in words: `status busy`, `permission dialog`, `exit code 0`. */
  detail: string;
  at: number;
}

/** A fact with the incarnation of the agent that it is about. */
export interface SessionFact extends Fact {
  generation: number;
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

/**
 * What a program wrote down about itself is believed against its own screen for so long: a killed
 * or hung writer leaves its last word behind. So `busy` and `waiting` each have two exits: the
 * program's word, and a composer that has shown calm since.
 */
export const STALE_MS = 10_000;

/** What these say has a time of its own; a look at a screen or a pane is always of this moment. */
const DATED: readonly FactSource[] = ["runtime", "transcript", "hook"];

/**
 * Since when a live agent's state holds (Unix ms): the time of the fact that decided; where that is
 * a look, of the last thing that the agent is known to have done. Null: not known.
 */
export function sinceOf({ by }: DerivedState, facts: readonly Fact[]): number | null {
  if (by && DATED.includes(by.source)) return by.at;
  const dated = facts.filter(
    ({ source, state }) => DATED.includes(source) && !(source === "hook" && state === "unknown"),
  );
  return dated.length === 0 ? null : Math.max(...dated.map(({ at }) => at));
}

const ENDED: readonly AgentState[] = ["dead", "exited"];
const BLOCKING: readonly AgentState[] = ["waiting", "error"];
const WORKING: readonly AgentState[] = ["busy", "compacting"];

/** A turn whose transcript has not grown for so long is told as such; it is no state of its own. */
export const QUIET_MS = 120_000;

/** `tool Bash runs, nothing new for 12m`; undefined for an agent that moves or does not work. */
export function quiet(state: AgentState, facts: readonly Fact[], now: number): string | undefined {
  const transcript = facts.find((fact) => fact.source === "transcript");
  if (!WORKING.includes(state) || !transcript || now - transcript.at < QUIET_MS) return undefined;
  return `${transcript.detail}, nothing new for ${formatAge(now - transcript.at)}`;
}

/**
 * The state that the facts allow. The process decides about life; a dialog or an error seen by
 * anyone outranks calm; `idle` needs a composer on the screen and no fresh word of work.
 */
export function deriveState(facts: readonly Fact[], startedAt: number, now: number): DerivedState {
  const by = (fact: Fact): DerivedState => ({ state: fact.state, detail: fact.detail, by: fact });
  const first = (test: (fact: Fact) => boolean) => facts.find(test);

  const ended = first((f) => f.source === "process" && ENDED.includes(f.state));
  if (ended) return by(ended);
  // Its pane cannot be looked at: whatever else is known may be of another time.
  const server = first((f) => f.source === "server" && f.state === "unknown");
  if (server) return by(server);
  const screen = first((f) => f.source === "screen");
  const hook = first((f) => f.source === "hook");
  const isStale = (f: Fact) => screen?.state === "idle" && now - f.at > STALE_MS;
  if (screen && BLOCKING.includes(screen.state)) return by(screen);
  const blocked = first((f) => BLOCKING.includes(f.state) && !isStale(f));
  if (blocked) return by(blocked);
  // A turn may stay silent for long, so a stop after the last word of work must be known as well.
  const isOver = (f: Fact) => isStale(f) && hook?.state === "idle" && hook.at > f.at;
  const written = facts.filter((f) => f.source === "runtime" || f.source === "transcript");
  const working = written.find((f) => WORKING.includes(f.state) && !isOver(f));
  if (screen?.state === "compacting") return by(screen);
  if (working) return by(working);
  if (screen?.state === "busy") return by(screen);
  const runtime = written.find((f) => f.state !== "unknown");
  const isNews = hook && now - hook.at < HOOK_NEWS_MS && hook.at > (runtime?.at ?? 0);
  if (hook?.state === "busy" && isNews) return by(hook);
  const starting = first((f) => f.state === "starting");
  if (starting && now - startedAt < STARTING_MS) return by(starting);
  if (screen?.state === "idle" && runtime?.state !== "starting") {
    return by(runtime?.state === "idle" ? runtime : screen);
  }
  const young = now - startedAt < STARTING_MS;
  if (young) return { state: "starting", detail: screen?.detail ?? "no prompt yet", by: null };
  return { state: "unknown", detail: screen?.detail ?? "no evidence", by: screen ?? null };
}
