import { AppError } from "../domain/errors.ts";
import { type Run, runsOf } from "../domain/run.ts";
import type { Store } from "../ports/store.ts";

const ALL = 1_000_000;

export const listRuns = (store: Store): Run[] =>
  runsOf(store.events.find({ kind: "run", limit: ALL }));

export const openRun = (store: Store): Run | undefined =>
  listRuns(store).find(({ endedAt }) => endedAt === null);

/**
 * Called before a session begins: it joins the open run, or begins one. A team that had ended
 * altogether has ended its run, unless this start takes up the work of an earlier session.
 */
export function enterRun(store: Store, isRecovery: boolean): void {
  const open = openRun(store);
  if (open && (isRecovery || store.sessions.live().length > 0)) return;
  if (open) {
    const ends = store.events.find({ kind: "session.ended", since: open.startedAt, limit: 1 });
    // A start that failed has left a run without a session.
    if (ends.length === 0) return;
    const data = { endedAt: ends.at(-1)!.at, why: "all its sessions had ended" };
    store.events.add("run.completed", { data });
  }
  store.events.add("run.started", {});
}

/** Ends the open run; its agents go on. Throws `refused` when none is open, or another one is. */
export function completeRun(store: Store, by: string, id: number | undefined): Run {
  const open = openRun(store);
  if (!open) throw new AppError("refused", "no run is open", "ov run list");
  if (id !== undefined && id !== open.id) {
    throw new AppError("refused", `run ${id} is not open`, `run ${open.id} is: ov run complete`);
  }
  store.events.add("run.completed", { agent: by, data: { why: `completed by ${by}` } });
  return listRuns(store)[open.id - 1]!;
}
