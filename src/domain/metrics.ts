import { wasAskedFor } from "./ending.ts";

/** The value that this share of the sorted ones does not pass; null of none. */
export function percentile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

/** A session that nobody asked to end, and that did not end by itself in order. */
export const isCrash = (endReason: string): boolean =>
  !wasAskedFor(endReason) && endReason !== "exit code 0";

/** `process 4711 has ended` of many processes is one reason. */
export const sameReason = (reason: string): string => reason.replace(/\bprocess \d+/, "process");

/** `120 ms`, `3.4 s`, `2.1 min`. */
export function sayMs(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`;
}
