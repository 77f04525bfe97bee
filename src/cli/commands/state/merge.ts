import { type Command, Option } from "commander";
import { AppError } from "../../../domain/errors.ts";
import { isConflict, isDeleted } from "../../../domain/fact.ts";
import type { Sent } from "../../../domain/snapshot.ts";
import {
  type Compared,
  compareSnapshot,
  compareVersions,
  mergeSnapshot,
} from "../../../usecases/merge-state.ts";
import type { Written } from "../../../usecases/share-state.ts";
import { withState } from "../../context/state.ts";
import type { Context } from "../../context.ts";
import { readFileOr } from "../../files.ts";
import { natural } from "../../options.ts";
import { readStdin } from "../../stdin.ts";
import { conflictText, differenceJson, differencesText, factJson } from "./view.ts";

interface DiffOptions {
  key?: string;
  from?: number;
  to?: number;
}

export function registerMerge(state: Command, context: Context): void {
  state
    .command("merge")
    .description("merge a snapshot of another machine or clone into the facts here")
    .argument("<file>", "what ov state get --all --json printed there; - is stdin")
    .option("--agent <name>", "who merges (default: $OV_AGENT, else orchestrator)")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
The same snapshot twice changes nothing, and the order of snapshots does not matter. Exit 1
when a fact is in conflict afterwards.

Examples:
  ov state merge state.json
  ssh box 'cd shop && ov state get --all --json' | ov state merge -
`,
    )
    .action(async (file: string, { agent }: { agent?: string }) => {
      const facts = await snapshot(file);
      await withState(context, async (tools) => {
        const changed = mergeSnapshot(tools, facts, context.identity(agent));
        await context.kick([...new Set(changed.flatMap(({ told }) => told))]);
        await report(context, changed, tools.state.origin);
      });
    });

  state
    .command("diff")
    .description("what differs between a snapshot and the facts here, or between two versions")
    .argument("[file]", "a snapshot; - is stdin")
    .option("--key <key>", "instead of a snapshot: two versions of this fact")
    .addOption(new Option("--from <version>", "default: the one before").argParser(natural))
    .addOption(new Option("--to <version>", "default: the newest").argParser(natural))
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      "\nExamples:\n  ov state diff state.json\n  ov state diff --key deploy --from 1 --to 3\n",
    )
    .action(async (file: string | undefined, { key, from, to }: DiffOptions) => {
      if ((file === undefined) === (key === undefined)) {
        throw new AppError("usage", "name a snapshot, or --key", "ov state diff state.json");
      }
      if (key !== undefined) await diffVersions(context, { key, from, to });
      else await diffSnapshot(context, await snapshot(file!));
    });
}

async function snapshot(file: string): Promise<Sent[]> {
  const text = file === "-" ? await readStdin() : readFileOr(file);
  const { readSnapshot } = await import("../../../domain/read-snapshot.ts");
  if (text !== undefined) return readSnapshot(text);
  throw new AppError(
    "not_found",
    `there is no file ${file}`,
    "ov state get --all --json > state.json",
  );
}

async function report(context: Context, changed: readonly Written[], origin: string) {
  const facts = changed.map(({ fact }) => fact);
  const open = facts.filter(isConflict);
  const lines = facts.map((fact) => {
    const word = isDeleted(fact) ? " deleted" : fact.writes.length > 1 ? " merged" : "";
    return isConflict(fact) ? conflictText(fact, origin) : `${fact.key} v${fact.version}${word}`;
  });
  const list = open.map(({ key }) => key).join(", ");
  const hint = "ov state list --conflicts";
  const failure =
    open.length > 0 ? new AppError("refused", `in conflict: ${list}`, hint) : undefined;
  const data = { facts: facts.map(factJson), conflicts: open.map(({ key }) => key) };
  await context.out.done("state merge", data, lines.join("\n") || "Nothing is new", failure);
}

const diffSnapshot = (context: Context, facts: readonly Sent[]) =>
  withState(context, async (tools) => {
    const compared = compareSnapshot(tools, facts);
    const data = compared.map((one) => ({
      ...one,
      differences: one.differences.map(differenceJson),
    }));
    const text = compared.map(comparedText).join("\n") || "Nothing differs";
    await context.out.done("state diff", { facts: data }, text);
  });

const comparedText = ({ key, relation, clashes, differences }: Compared): string => {
  const word = clashes ? `${relation}, in conflict when merged` : relation;
  return [`${key}: ${word}`, ...differencesText(differences)].join("\n");
};

const diffVersions = (context: Context, versions: { key: string; from?: number; to?: number }) =>
  withState(context, async (tools) => {
    const { from, to, differences } = compareVersions(tools, versions);
    const data = { key: versions.key, from, to, differences: differences.map(differenceJson) };
    const lines = differencesText(differences);
    const text = [`${versions.key} v${from} ▸ v${to}`, ...lines];
    await context.out.done(
      "state diff",
      data,
      lines.length > 0 ? text.join("\n") : "Nothing differs",
    );
  });
