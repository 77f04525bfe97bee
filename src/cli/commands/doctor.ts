import { AppError } from "../../domain/errors.ts";
import { CATEGORIES, type Category } from "../../domain/finding.ts";
import { type Diagnosis, diagnose } from "../../usecases/diagnose.ts";
import { doctorTools } from "../context/doctor.ts";
import { diagnosisText } from "../doctor-view.ts";
import { oneOf } from "../options.ts";
import type { Register } from "../verbs.ts";

interface Options {
  category?: string;
  fix?: boolean;
}

const NAMES = Object.keys(CATEGORIES) as Category[];

export const register: Register = (command, context) => {
  command
    .option("--category <name>", `only one of: ${NAMES.join(", ")}`)
    .option("--fix", "do what can be done without loss, and look again")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Each finding says its evidence, and what to type. tmux and the hooks are tried, on a server and in
a project of their own. Nothing of yours is read out, and nothing is asked of the network.
Exit 0: nothing fails.

Examples:
  ov doctor
  ov doctor --fix
  ov doctor --category hooks --json
`,
    )
    .action(async ({ category: word, fix }: Options) => {
      const category = word === undefined ? undefined : oneOf("category", word, NAMES);
      const tools = await doctorTools(context);
      try {
        const diagnosis = await diagnose(tools, { category, fix });
        await context.out.done("doctor", diagnosis, diagnosisText(diagnosis), failure(diagnosis));
      } finally {
        tools.close();
      }
    });
};

function failure({ findings }: Diagnosis): AppError | undefined {
  const failed = findings.filter(({ level, fixed }) => level === "fail" && !fixed);
  if (failed.length === 0) return undefined;
  const message = failed.length === 1 ? failed[0]!.what : `${failed.length} things fail`;
  return new AppError("refused", message, failed[0]!.fix);
}
