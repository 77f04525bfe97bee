import kleur from "kleur";
import { sayCost } from "../../../domain/costs.ts";
import { formatAge } from "../../../domain/duration.ts";
import { sayEnding } from "../../../domain/ending.ts";
import { type Run, runBy } from "../../../domain/run.ts";
import { isoOrNull } from "../../../domain/time.ts";
import { toldSessions } from "../../../usecases/count-costs.ts";
import { completeRun, listRuns } from "../../../usecases/runs.ts";
import { type RunReport, sessionsOf, showRun } from "../../../usecases/show-run.ts";
import { costTools, withMetrics } from "../../context/costs.ts";
import { now } from "../../context.ts";
import { positive } from "../../options.ts";
import { table } from "../../table.ts";
import type { Register } from "../../verbs.ts";
import { costJson, costTable } from "./view.ts";

const minute = (at: number | null) => isoOrNull(at)?.slice(0, 16).replace("T", " ") ?? "-";

const runJson = ({ id, startedAt, endedAt, why }: Run) => ({
  id,
  state: endedAt === null ? "open" : "completed",
  startedAt: isoOrNull(startedAt),
  endedAt: isoOrNull(endedAt),
  why,
});

export const register: Register = (command, context) => {
  command.addHelpText(
    "after",
    `
A run begins with the first ov sling while none is open, and ends by ov run complete, or when a
team that has ended altogether is followed by a new one.

Examples:
  ov run list
  ov run show
  ov run complete
`,
  );

  command
    .command("list")
    .description("all runs, newest last")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov run list --json\n")
    .action(async () => {
      const runs = listRuns(context.store);
      const sessions = toldSessions(context.store);
      const agents = (run: Run) => [
        ...new Set(sessionsOf(run, sessions).map(({ session }) => session.agent)),
      ];
      const rows = runs.map((run) => [
        String(run.id),
        minute(run.startedAt),
        run.endedAt === null ? kleur.cyan("open") : minute(run.endedAt),
        formatAge((run.endedAt ?? now()) - run.startedAt),
        agents(run).join(", "),
      ]);
      const text = table(["RUN", "BEGAN", "ENDED", "FOR", "AGENTS"], rows);
      const data = { runs: runs.map((run) => ({ ...runJson(run), agents: agents(run) })) };
      await context.out.done("run list", data, runs.length > 0 ? text : "No run yet");
    });

  command
    .command("show")
    .description("one run: agents, tasks, sessions, letters, merges, cost")
    .argument("[number]", "the run; without it, the newest", positive)
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov run show 2\n")
    .action(async (id: number | undefined) => {
      const run = runBy(listRuns(context.store), id);
      const tools = await costTools(context);
      const report = await withMetrics(context, (metrics) =>
        showRun({ ...tools, metrics, now }, run),
      );
      await context.out.done("run show", reportJson(report), reportText(report));
    });

  command
    .command("complete")
    .description("end the open run; its agents go on")
    .argument("[number]", "only if it is this one", positive)
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov run complete\n")
    .action(async (id: number | undefined) => {
      const run = completeRun(context.store, context.identity(undefined), id);
      const text = `run ${run.id} is complete; what it came to: ov run show ${run.id}`;
      await context.out.done("run complete", { run: runJson(run) }, text);
      // Who was over a budget of this run gets what waits.
      await context.kick([]);
    });
};

function reportJson({ run, sessions, agents, total, metrics, ...rest }: RunReport) {
  return {
    run: runJson(run),
    durationMs: rest.durationMs,
    tasks: tasksOf(sessions),
    agents: agents.map(costJson),
    total: costJson(total),
    sessions: sessions.map(({ session, task }) => ({
      id: session.id,
      agent: session.agent,
      task,
      runtime: session.runtime,
      startedAt: isoOrNull(session.startedAt),
      endedAt: isoOrNull(session.endedAt),
      ending: session.ending,
      endReason: session.ending?.detail ?? null,
    })),
    letters: { sent: metrics.sent, seen: metrics.seen.letters, dead: metrics.dead },
    merges: metrics.merges,
    uncounted: rest.uncounted,
  };
}

const tasksOf = (sessions: RunReport["sessions"]) => [
  ...new Set(sessions.flatMap(({ task }) => task ?? [])),
];

function reportText(report: RunReport): string {
  const { run, sessions, agents, total, metrics } = report;
  const state = run.endedAt === null ? "is open" : `is complete (${run.why ?? "completed"})`;
  const merges = Object.entries(metrics.merges).map(([outcome, n]) => `${n} ${outcome}`);
  const { sent, seen, dead } = metrics;
  const missing = report.uncounted > 0 ? kleur.dim(`; ${report.uncounted} sessions uncounted`) : "";
  return [
    `${kleur.bold(`run ${run.id}`)} ${state}; began ${minute(run.startedAt)}, ${formatAge(report.durationMs)}`,
    `  tasks     ${tasksOf(sessions).join(", ") || "none"}`,
    `  letters   ${sent} sent, ${seen.letters} seen, ${dead} dead`,
    `  merges    ${merges.join(", ") || "none"}`,
    `  cost      ${sayCost(total)}${missing}`,
    ...sessions.map(({ session: s, task }) => {
      const end = s.ending ? `ended: ${sayEnding(s.ending)}` : "runs";
      return `  session   ${s.agent} ${s.generation}  ${s.runtime}, task ${task ?? "-"}, ${end}`;
    }),
    ...(agents.length > 0 ? [costTable("agent", agents, total)] : []),
  ].join("\n");
}
