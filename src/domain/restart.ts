export const RESTART_POLICIES = ["on-crash", "never"] as const;

export interface RestartPolicy {
  policy: (typeof RESTART_POLICIES)[number];
  /** At most so many restarts of an agent within `withinMs`. */
  limit: number;
  withinMs: number;
  /** Before the first restart (ms); doubled with each one. */
  backoffMs: number;
}

export type Verdict = "restart" | "wait" | "give-up";

/**
 * Whether a lost session gets a successor now. `before`: times (Unix ms) of the agent's earlier
 * restarts; `lostAt`: when this one was found lost.
 */
export function mayRestart(
  { policy, limit, withinMs, backoffMs }: RestartPolicy,
  before: readonly number[],
  lostAt: number,
  now: number,
): Verdict {
  const recent = before.filter((at) => now - at < withinMs);
  if (policy === "never" || recent.length >= limit) return "give-up";
  const waited = now - lostAt;
  return waited < 0 || waited >= backoffMs * 2 ** recent.length ? "restart" : "wait";
}
