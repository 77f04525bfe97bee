import { type CostRow, chosen, sumBy, sumOf } from "../domain/costs.ts";
import type { Run } from "../domain/run.ts";
import type { MetricsStore } from "../ports/metrics.ts";
import { type CostTools, countCosts, type Told, toldSessions } from "./count-costs.ts";
import { type Metrics, measureTeam } from "./measure-team.ts";

export interface RunReport {
  run: Run;
  durationMs: number;
  sessions: Told[];
  agents: CostRow[];
  total: CostRow;
  metrics: Metrics;
  uncounted: number;
}

/** Sessions that lived at some time of the run, oldest first. */
export function sessionsOf(run: Run, sessions: readonly Told[]): Told[] {
  return sessions.filter(
    ({ session: { startedAt, endedAt } }) =>
      (run.endedAt === null || startedAt < run.endedAt) &&
      (endedAt === null || endedAt >= run.startedAt),
  );
}

/** What a run came to, so far. */
export async function showRun(
  tools: CostTools & { metrics: MetricsStore; now: () => number },
  run: Run,
): Promise<RunReport> {
  const spending = await countCosts(tools);
  const calls = chosen(spending.calls, { run: run.id });
  const sessions = sessionsOf(run, toldSessions(tools.store));
  const ids = new Set(sessions.map(({ session }) => session.id));
  const until = run.endedAt ?? tools.now();
  return {
    run,
    durationMs: until - run.startedAt,
    sessions,
    agents: sumBy(calls, "agent"),
    total: sumOf("total", calls),
    metrics: measureTeam(tools.metrics, { since: run.startedAt, until }),
    uncounted: spending.uncounted.filter(({ session }) => ids.has(session)).length,
  };
}
