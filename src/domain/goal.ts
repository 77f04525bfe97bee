import type { AgentState } from "./state.ts";

/** What somebody may wait for: see docs/waiting.md. */
export const GOALS = ["idle", "waiting", "done"] as const;
export type Goal = (typeof GOALS)[number];

/** One wish to be told once. */
export interface Watch {
  agent: string;
  goal: Goal;
  subscriber: string;
  since: number;
}

/** What is known of the agent when a goal is judged. */
export interface Progress {
  state: AgentState | "stopped";
  /** Letters to it that are queued, or whose arrival is not proved. */
  openMail: number;
  /** Subject of the newest report (`worker_done`, `merge_ready`, `result`) since the watch began. */
  report: string | undefined;
}

/**
 * Whether a goal is reached, in words; undefined: not yet. Idle is not done: only a report of the
 * agent's own, or its end, is. An agent with mail on its way is not idle.
 */
export function reached(goal: Goal, { state, openMail, report }: Progress): string | undefined {
  if (goal === "done") {
    if (report !== undefined) return `reported: ${report}`;
    return state === "stopped" || state === "exited" || state === "dead"
      ? `ended without a report (${state})`
      : undefined;
  }
  if (goal === "waiting") return state === "waiting" ? "waits for a person" : undefined;
  return state === "idle" && openMail === 0 ? "is idle" : undefined;
}
