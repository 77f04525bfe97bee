export const RESTART_POLICIES = ["on-crash", "never"] as const;

export interface RestartPolicy {
  policy: (typeof RESTART_POLICIES)[number];
  /** At most so many restarts of an agent within `withinMs`. */
  limit: number;
  withinMs: number;
  /** Before the first restart (ms); doubled with each one. */
  backoffMs: number;
}

/**
 * When a lost session gets its successor (Unix ms); undefined: never. `before`: times of the
 * agent's earlier restarts; `lostAt`: when this one was found lost.
 */
export function restartAt(
  { policy, limit, withinMs, backoffMs }: RestartPolicy,
  before: readonly number[],
  lostAt: number,
  now: number,
): number | undefined {
  const recent = before.filter((at) => now - at < withinMs);
  if (policy === "never" || recent.length >= limit) return undefined;
  return lostAt + backoffMs * 2 ** recent.length;
}
