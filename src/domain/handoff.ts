import type { Checkpoint } from "./checkpoint.ts";

/** Why a session's place was taken by another one. */
export const HANDOFF_REASONS = ["compaction", "crash", "manual", "timeout"] as const;
export type HandoffReason = (typeof HANDOFF_REASONS)[number];

/**
 * Written before a session ends for another one, and completed with that one's start: while
 * `toSessionId` is null, the work waits for a successor.
 */
export interface HandoffRecord {
  fromSessionId: string;
  toSessionId: string | null;
  /** The agent that takes the work over, where it is another one. */
  toAgent?: string | undefined;
  checkpoint: Checkpoint;
  reason: HandoffReason;
  /** ISO 8601. */
  handoffAt: string;
}

const WHY: Record<HandoffReason, string> = {
  compaction: "its context was full",
  crash: "it was broken off",
  manual: "it was handed over",
  timeout: "it had not moved for long",
};

/**
 * The first prompt of a session that takes the place of another one. `priming`: who the agent is, its
 * task and where the work stood. With `isResumed` the program itself still has the conversation.
 */
export function successorPrompt(handoff: {
  reason: HandoffReason;
  priming: string;
  isResumed: boolean;
  /** Whose work it was, where that was another agent. */
  from?: string | undefined;
}): string {
  const why = WHY[handoff.reason];
  const head = handoff.isResumed
    ? `Your session ended (${why}) and goes on here; what you did last may be missing above.`
    : handoff.from
      ? `You take over the work of ${handoff.from}: ${why}.`
      : `You go on with the work of your earlier session, which ended: ${why}.`;
  const how =
    "Look at the worktree before you repeat anything. ov mail read <id> shows a letter again.";
  return `${head} ${how}\n\n${handoff.priming}`;
}
