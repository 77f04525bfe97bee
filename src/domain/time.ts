/** ECMAScript knows no later date: `+275760-09-13T00:00:00.000Z`. */
const LAST_MS = 8_640_000_000_000_000;

/**
 * A time (Unix ms) as ISO text. Throws for none: what a store holds may be of another program, and
 * one row that cannot be shown must hide no other. A time beyond the last date is that date.
 */
export const isoTime = (ms: number): string =>
  new Date(Math.min(LAST_MS, Math.max(-LAST_MS, Math.trunc(ms) || 0))).toISOString();

export const isoOrNull = (ms: number | null): string | null => (ms === null ? null : isoTime(ms));
