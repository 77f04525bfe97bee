/** No lease and no wait for a next try is longer than this (ms). */
export const LONGEST_MS = 10 * 60_000;
/** Processes of one machine that note times do not differ so much (ms). */
export const AHEAD_MS = 60_000;

/**
 * Time (ms) since a moment (Unix ms). One that lies well ahead was noted before the machine's clock
 * was set back: it is long ago.
 */
export const elapsed = (since: number, now: number): number =>
  since > now + AHEAD_MS ? Number.MAX_SAFE_INTEGER : now - since;
