import { AppError } from "./errors.ts";

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Ten years (ms): no wait, age or expiry is longer, and every date stays one. */
const LONGEST_MS = 3650 * 86_400_000;

/** `500ms`, `30s`, `5m`, `2h`, `7d`, or a bare number of seconds, as milliseconds. At most ten years. */
export function parseDuration(text: string, what = "duration"): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text.trim());
  if (!match) {
    throw new AppError("usage", `${what} "${text}" is not valid`, "write 500ms, 30s, 5m, 2h or 7d");
  }
  const ms = Math.round(Number(match[1]) * (UNITS[match[2] ?? "s"] ?? 1000));
  if (ms <= LONGEST_MS) return ms;
  throw new AppError("usage", `${what} "${text}" is too long`, "at most 3650d, ten years");
}

/** An age for people: `3s`, `4m`, `2h`, `5d`. */
export function formatAge(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m`;
  if (s < 86_400) return `${Math.floor(s / 3600)}h`;
  return `${Math.floor(s / 86_400)}d`;
}
