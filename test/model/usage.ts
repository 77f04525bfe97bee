/**
 * What the model says that a call used. No two calls say the same, and no two figures of a call
 * are alike, so that a reader that mixes two of them up, or counts one twice, is found out.
 */
export interface Spent {
  /** Without what came from the cache. */
  input: number;
  cacheRead: number;
  /** Written for five minutes, and for an hour; only Anthropic's API tells. */
  cacheWrite5m: number;
  cacheWrite1h: number;
  /** All that was written, reasoning too. */
  output: number;
  reasoning: number;
}

/** Of the n-th request, from 1. Small, so that no program compacts its conversation. */
export function spentBy(n: number): Spent {
  return {
    input: 1000 + 37 * n,
    cacheRead: 500 + 13 * n,
    cacheWrite5m: 70 + 11 * n,
    cacheWrite1h: 30 + 3 * n,
    output: 200 + 17 * n,
    reasoning: 20 + n,
  };
}
