import kleur from "kleur";
import { parseDuration } from "../../../domain/duration.ts";
import { sayMs } from "../../../domain/metrics.ts";
import { type Metrics, measureTeam } from "../../../usecases/measure-team.ts";
import { withMetrics } from "../../context/costs.ts";
import { now } from "../../context.ts";
import { table } from "../../table.ts";
import type { Register } from "../../verbs.ts";

export const register: Register = (command, context) => {
  command
    .option("--since <duration>", "only what happened not longer ago than this, as 1d")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Letters are those sent in that time, by their state now and the door that they took, with the time
from sending until it was proved that the agent has them.

Examples:
  ov metrics
  ov metrics --since 2h --json
`,
    )
    .action(async ({ since }: { since?: string }) => {
      const until = now() + 1;
      const from = since === undefined ? 0 : now() - parseDuration(since, "--since");
      const metrics = await withMetrics(context, (store) =>
        measureTeam(store, { since: from, until }),
      );
      await context.out.done("metrics", metrics, draw(metrics));
    });
};

const time = (ms: number | null) => (ms === null ? "-" : sayMs(ms));

function draw(metrics: Metrics): string {
  const { letters, seen, sessions, holds, merges } = metrics;
  const rows = letters.map(({ state, door, letters: n, medianMs, p95Ms }) => [
    state,
    door ?? "-",
    String(n),
    time(medianMs),
    time(p95Ms),
  ]);
  const all = [kleur.bold("seen, all"), "", String(seen.letters), time(seen.medianMs)];
  const head = ["LETTERS", "DOOR", "COUNT", "MEDIAN TO SEEN", "P95"];
  return [
    letters.length > 0 ? table(head, [...rows, [...all, time(seen.p95Ms)]]) : "No letters",
    "",
    line("sent", String(metrics.sent)),
    line("wake tries", String(metrics.wakeTries)),
    line("holds", counts(holds)),
    line("taken back", String(metrics.requeued)),
    line("dead", String(metrics.dead)),
    line("sessions", `${sessions.started} started; ended: ${counts(sessions.ended)}`),
    line("crashes", String(sessions.crashes)),
    line("merges", counts(merges)),
  ].join("\n");
}

const line = (title: string, text: string) => `${title.padEnd(12)} ${text}`;

const counts = (all: Record<string, number>) =>
  Object.entries(all)
    .sort(([, a], [, b]) => b - a)
    .map(([name, n]) => `${n} ${name}`)
    .join(", ") || "none";
