import kleur from "kleur";
import { COSTS_BY, type CostsBy, chosen, notedOf, sumBy, sumOf } from "../../../domain/costs.ts";
import { parseDuration } from "../../../domain/duration.ts";
import { unknownWord } from "../../../domain/errors.ts";
import { runBy } from "../../../domain/run.ts";
import { countCosts, toldSessions } from "../../../usecases/count-costs.ts";
import { listRuns } from "../../../usecases/runs.ts";
import { costTools } from "../../context/costs.ts";
import { type Context, now } from "../../context.ts";
import { oneOf, positive } from "../../options.ts";
import type { Register } from "../../verbs.ts";
import { costJson, costTable, notes } from "./view.ts";

interface Options {
  by: string;
  agent?: string;
  task?: string;
  run?: number;
  since?: string;
}

export const register: Register = (command, context) => {
  command
    .option("--by <what>", `what is summed: ${COSTS_BY.join(", ")}`, "agent")
    .option("--agent <name>", "only of this agent")
    .option("--task <id>", "only for this task")
    .option("--run <number>", "only in this run", positive)
    .option("--since <duration>", "only calls not older than this, as 2h")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Tokens are read from the transcripts that the programs write themselves; money is those at list
prices (templates/prices.yaml, or costs.prices in the config). What has no price is "?", never 0.

Examples:
  ov costs
  ov costs --by task --since 1d
  ov costs --by model --run 2 --json
`,
    )
    .action(async ({ since, ...options }: Options) => {
      const by: CostsBy = oneOf("sum", options.by, COSTS_BY);
      check(context, options);
      const tools = await costTools(context);
      const spending = await countCosts(tools);
      const from = since === undefined ? undefined : now() - parseDuration(since, "--since");
      const calls = chosen(spending.calls, { ...options, since: from });
      const rows = sumBy(calls, by);
      const total = sumOf("total", calls);
      const noted = notedOf(calls, tools.prices);
      const data = {
        by,
        pricesNoted: noted ?? null,
        rows: rows.map(costJson),
        total: costJson(total),
        uncounted: spending.uncounted,
        brokenLines: spending.broken,
      };
      const empty = "No call of a model is known";
      const text = [
        rows.length > 0 ? costTable(by, rows, total) : empty,
        ...notes(total, spending, noted).map((note) => kleur.dim(note)),
      ];
      await context.out.done("costs", data, text.join("\n"));
    });
};

/** A word that fits nothing would be a sum of 0. */
function check({ store }: Context, { agent, task, run }: Omit<Options, "since">): void {
  if (run !== undefined) runBy(listRuns(store), run);
  const agents = store.agents.list().map(({ name }) => name);
  if (agent !== undefined && !agents.includes(agent)) throw unknownWord("agent", agent, agents);
  if (task === undefined) return;
  const tasks = [...new Set(toldSessions(store).flatMap((told) => told.task ?? []))];
  if (!tasks.includes(task)) throw unknownWord("task", task, tasks);
}
