import { AppError } from "../../domain/errors.ts";
import { CATEGORIES, type Category } from "../../domain/finding.ts";
import { type Diagnosis, diagnose } from "../../usecases/diagnose.ts";
import { backups } from "../context/backups.ts";
import { doctorTools } from "../context/doctor.ts";
import type { Context } from "../context.ts";
import { diagnosisText } from "../doctor-view.ts";
import { oneOf } from "../options.ts";
import type { Register } from "../verbs.ts";

interface Options {
  category?: string;
  fix?: boolean;
  backup?: boolean;
}

const NAMES = Object.keys(CATEGORIES) as Category[];

export const register: Register = (command, context) => {
  command
    .option("--category <name>", `only one of: ${NAMES.join(", ")}`)
    .option("--fix", "do what can be done without loss, and look again")
    .option("--backup", "look at nothing: back the store up now")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Each finding says its evidence, and what to type. tmux and the hooks are tried, on a server and in
a project of their own. Nothing of yours is read out, and nothing is asked of the network.
Exit 0: nothing fails.

Examples:
  ov doctor
  ov doctor --fix                     backs the store up first
  ov doctor --backup
  ov doctor --category hooks --json
`,
    )
    .action(async ({ category: word, fix, backup }: Options) => {
      if (backup) {
        const made = await backups(context.project.database).make();
        return context.out.done("doctor", { backup: made }, `the store is backed up: ${made.path}`);
      }
      const category = word === undefined ? undefined : oneOf("category", word, NAMES);
      const tools = await doctorTools(context);
      try {
        if (fix && tools.store && !tools.project?.report().ahead) await backUpFirst(context);
        const diagnosis = await diagnose(tools, { category, fix });
        await context.out.done("doctor", diagnosis, diagnosisText(diagnosis), failure(diagnosis));
      } finally {
        tools.close();
      }
    });
};

/** On a full disk what makes room must go on. */
async function backUpFirst({ project, out }: Context): Promise<void> {
  try {
    await backups(project.database).make();
  } catch (error) {
    out.warn(`ov: the store could not be backed up before: ${(error as Error).message}`);
  }
}

function failure({ findings }: Diagnosis): AppError | undefined {
  const failed = findings.filter(({ level, fixed }) => level === "fail" && !fixed);
  if (failed.length === 0) return undefined;
  const message = failed.length === 1 ? failed[0]!.what : `${failed.length} things fail`;
  return new AppError("refused", message, failed[0]!.fix);
}
