import type { Command } from "commander";
import { AppError } from "../../../domain/errors.ts";
import { isConflict, isDeleted } from "../../../domain/fact.ts";
import { packFact } from "../../../usecases/merge-state.ts";
import { factVersions, listFacts, readAll, readFact } from "../../../usecases/share-state.ts";
import { withState } from "../../context/state.ts";
import type { Context } from "../../context.ts";
import { conflictText, factJson, factsTable, historyText, valueText } from "./view.ts";

interface GetOptions {
  all?: boolean;
  agent?: string;
}

export function registerGet(state: Command, context: Context): void {
  state
    .command("get")
    .description("print a fact; what you write next goes by it")
    .argument("[key]", "the fact; or --all")
    .option("--all", "all facts; with --json a snapshot, for ov state merge and diff")
    .option("--agent <name>", "who reads (default: $OV_AGENT, else orchestrator)")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Exit 1 for a fact in conflict, with all its values; 3 for one that is not there or deleted.

Examples:
  ov state get api-port
  ov state get --all --json > state.json
`,
    )
    .action(async (key: string | undefined, { all, agent }: GetOptions) => {
      const reader = context.identity(agent);
      if ((key === undefined) !== (all === true)) {
        throw new AppError("usage", "name one fact, or --all", "ov state list has their names");
      }
      if (key === undefined) await getAll(context, reader);
      else await getOne(context, key, reader);
    });

  state
    .command("list")
    .description("all facts, one line each; this does not count as reading them")
    .option("--conflicts", "only those in conflict, with all their values")
    .option("--deleted", "those too that were deleted")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov state list --conflicts\n")
    .action(({ conflicts, deleted }: { conflicts?: boolean; deleted?: boolean }) =>
      withState(context, async (tools) => {
        const facts = listFacts(tools).filter((fact) =>
          conflicts ? isConflict(fact) : deleted || !isDeleted(fact),
        );
        const { origin } = tools.state;
        const text = conflicts
          ? facts.map((fact) => conflictText(fact, origin)).join("\n\n") || "No conflicts"
          : facts.length > 0 && factsTable(facts, origin);
        await context.out.done("state list", { facts: facts.map(factJson) }, text || "No facts");
      }),
    );

  state
    .command("history")
    .description("every version of a fact, oldest first, with its version vector")
    .argument("<key>", "the fact")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov state history api-port\n")
    .action((key: string) =>
      withState(context, async ({ state: store }) => {
        const versions = factVersions(store, key);
        const text = historyText(versions, store.origin);
        await context.out.done("state history", { key, versions: versions.map(factJson) }, text);
      }),
    );
}

const getOne = (context: Context, key: string, agent: string) =>
  withState(context, async (tools) => {
    const fact = readFact(tools, key, agent);
    if (!isConflict(fact)) {
      await context.out.done("state get", factJson(fact), valueText(fact.view.value, 2));
      return;
    }
    const text = conflictText(fact, tools.state.origin);
    await context.out.done("state get", factJson(fact), text, inConflict(key));
  });

export const inConflict = (key: string): AppError =>
  new AppError("refused", `${key} is in conflict`, `settle it: ov state set ${key} <value>`);

const getAll = (context: Context, agent: string) =>
  withState(context, async (tools) => {
    const facts = readAll(tools, agent);
    const data = facts.map((fact) => {
      const { past } = packFact(tools, fact);
      return { ...factJson(fact), past };
    });
    const { origin } = tools.state;
    const shown = facts.filter((fact) => !isDeleted(fact));
    const text = shown.map((fact) =>
      isConflict(fact) ? conflictText(fact, origin) : `${fact.key} = ${valueText(fact.view.value)}`,
    );
    await context.out.done("state get", { origin, facts: data }, text.join("\n") || "No facts");
  });
