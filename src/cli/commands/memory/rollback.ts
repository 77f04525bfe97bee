import { rollback } from "../../../usecases/keep-memory.ts";
import type { Register } from "../../verbs.ts";
import { targetOf, toolsOf } from "./options.ts";
import { changeJson, changesText } from "./view.ts";

interface Options {
  to?: string;
  checkpoint?: string;
  dryRun?: boolean;
  agent?: string;
}

export const register: Register = (command, context) => {
  command
    .argument("[key]", "one note, or how its key begins; without it, all of them")
    .option("--to <target>", "a version (3), an age (2h) or a date (2026-11-21T10:00)")
    .option("--checkpoint <id>", "when this one was written: bo@3, or bo for the newest of bo")
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
  ov rollback --checkpoint builder-1@3
`,
    )
    .action(async (key: string | undefined, { to, checkpoint, dryRun, agent }: Options) => {
      const isTrial = dryRun === true;
      const target = targetOf(to, checkpoint);
      const by = context.identity(agent);
      const changes = rollback(toolsOf(context), { key, target, agent: by, isTrial });
      const data = { changes: changes.map(changeJson), dryRun: isTrial };
      await context.out.done("rollback", data, changesText(changes, isTrial));
    });
};
