import { formatAge } from "./duration.ts";
import type { AgentState } from "./state.ts";

/** What is known of an agent that bears on whether somebody should look at it. */
export interface Signs {
  state: AgentState;
  /** Time (ms) since its conversation last grew; undefined where that is not known. */
  quietMs: number | undefined;
  /** Time (ms) since it has seen the oldest request that it has not answered. */
  openMs: number | undefined;
  /** It has used more than its budget. */
  isOver: boolean;
}

export interface HealthLimits {
  /** Times in ms. */
  stalled: number;
  silent: number;
}

export type Health =
  | "runaway-tokens"
  | "dead"
  | "waiting-on-you"
  | "stalled"
  | "silent-with-open-request"
  | "working"
  | "calm";

const WORKING: readonly AgentState[] = ["busy", "compacting"];

interface Rule {
  health: Health;
  holds: (signs: Signs, limits: HealthLimits) => boolean;
}

/** The first that holds. An `unknown` state is no sign of anything, and nothing is done about it. */
export const HEALTH_RULES: readonly Rule[] = [
  { health: "dead", holds: ({ state }) => state === "dead" || state === "exited" },
  { health: "runaway-tokens", holds: ({ isOver }) => isOver },
  { health: "waiting-on-you", holds: ({ state }) => state === "waiting" },
  {
    health: "stalled",
    holds: ({ state, quietMs = 0 }, { stalled }) =>
      (WORKING.includes(state) || state === "error") && quietMs > stalled,
  },
  { health: "working", holds: ({ state }) => WORKING.includes(state) || state === "starting" },
  {
    health: "silent-with-open-request",
    holds: ({ state, openMs = 0 }, { silent }) => state === "idle" && openMs > silent,
  },
  { health: "calm", holds: () => true },
];

export const judge = (signs: Signs, limits: HealthLimits): Health =>
  HEALTH_RULES.find(({ holds }) => holds(signs, limits))!.health;

/** What is done about an agent that does not move, one after the other. Nothing is ever killed. */
export const STEPS = ["nudge", "health_check", "escalation", "person"] as const;
export type Step = (typeof STEPS)[number];

export interface StepTaken {
  health: Health;
  step: Step;
  session: string;
  /** Unix ms. */
  at: number;
}

/** The next step for these, undefined when none is due. A step is taken once for each time. */
export function nextStep(
  health: Health,
  session: string,
  last: StepTaken | undefined,
  restMs: number,
  now: number,
): Step | undefined {
  if (health !== "stalled" && health !== "silent-with-open-request") return undefined;
  if (!last || last.session !== session || last.health !== health) return STEPS[0];
  // A clock that was set back must not hold up the next one.
  const rested = now - last.at >= restMs || now < last.at;
  return rested ? STEPS[STEPS.indexOf(last.step) + 1] : undefined;
}

/** The signs that decided, in words for a letter and the log. */
export function evidence(health: Health, { state, quietMs, openMs }: Signs): string {
  if (health === "stalled") return `${state}, and nothing new for ${formatAge(quietMs ?? 0)}`;
  return `idle, with a request that it saw ${formatAge(openMs ?? 0)} ago and has not answered`;
}
