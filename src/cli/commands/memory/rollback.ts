import { parseTarget } from "../../../domain/note.ts";
import { type Change, rollback } from "../../../usecases/keep-memory.ts";
import { now } from "../../context.ts";
import type { Register } from "../../verbs.ts";
import { toolsOf } from "./options.ts";
import { noteJson } from "./view.ts";

interface Options {
  to: string;
  dryRun?: boolean;
  agent?: string;
}

const word = ({ key, from, to }: Change): string => {
  if (!to) return `${key}: forgotten`;
  return from ? `${key}: v${from.version} ▸ as v${to.version}` : `${key}: back, as v${to.version}`;
};

export const register: Register = (command, context) => {
  command
    .argument("[key]", "one note; without it, all of them")
    .requiredOption("--to <target>", "a version (3), an age (2h) or a date (2026-11-21T10:00)")
    .option("--dry-run", "say what would change, and change nothing")
    .option("--agent <name>", "who does it (default: $OV_AGENT, else orchestrator)")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
What was is written as a new version, so a rollback can itself be rolled back.

Examples:
  ov rollback release --to 1
  ov rollback --to 2h --dry-run
`,
    )
    .action(async (key: string | undefined, { to, dryRun, agent }: Options) => {
      const isTrial = dryRun === true;
      const target = parseTarget(to, now());
      const by = context.identity(agent);
      const changes = rollback(toolsOf(context), { key, target, agent: by, isTrial });
      const data = changes.map((change) => ({
        key: change.key,
        from: change.from ? noteJson(change.from) : null,
        to: change.to ? noteJson(change.to) : null,
      }));
      const lines = changes.map(word);
      const head = isTrial && lines.length > 0 ? ["would change:"] : [];
      await context.out.done(
        "rollback",
        { changes: data, dryRun: isTrial },
        [...head, ...lines].join("\n") || "Nothing differs",
      );
    });
};
