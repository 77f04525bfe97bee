import { AppError } from "./errors.ts";
import type { Event } from "./event.ts";

/** What a team did from its first start to its completion. Its number counts from 1. */
export interface Run {
  id: number;
  startedAt: number;
  /** Null while it is open. */
  endedAt: number | null;
  /** Why it ended, in words. */
  why: string | null;
}

/**
 * The runs that a log tells of, oldest first. Two processes may begin one at once: what begins
 * while one is open, or ends while none is, counts for nothing.
 */
export function runsOf(events: readonly Event[]): Run[] {
  const runs: Run[] = [];
  for (const { kind, at, data } of events) {
    const last = runs.at(-1);
    const isOpen = last?.endedAt === null;
    if (kind === "run.started" && !isOpen) {
      runs.push({ id: runs.length + 1, startedAt: at, endedAt: null, why: null });
    } else if (kind === "run.completed" && isOpen) {
      const { endedAt = at, why = null } = JSON.parse(data ?? "{}");
      Object.assign(last, { endedAt, why });
    }
  }
  return runs;
}

export const isIn = (run: Run, at: number): boolean =>
  at >= run.startedAt && (run.endedAt === null || at < run.endedAt);

/** A run by its number, or the newest. Throws `not_found` that says what there is. */
export function runBy(runs: readonly Run[], id: number | undefined): Run {
  const run = id === undefined ? runs.at(-1) : runs[id - 1];
  if (run) return run;
  if (runs.length === 0)
    throw new AppError("not_found", "there is no run yet", "ov sling begins one");
  throw new AppError(
    "not_found",
    `there is no run ${id}`,
    `there are 1 to ${runs.length}: ov run list`,
  );
}
