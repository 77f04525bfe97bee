import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkTaskId } from "../../domain/name.ts";
import { cleanBody } from "../../domain/text.ts";
import { readStdin } from "../stdin.ts";
import type { Register } from "../verbs.ts";

export const register: Register = (command, context) => {
  command.addHelpText("after", '\nExample:\n  ov spec write t-1 --body "Add a greeting"\n');

  command
    .command("write")
    .description("write .overture/specs/<task-id>.md, which ov sling reads")
    .argument("<task-id>", "the task")
    .argument("[text...]", "the same as --body")
    .option("--body <text>", "the text; without it, it is read from stdin")
    .option("--agent <name>", "who wrote it (default: $OV_AGENT, else orchestrator)")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      '\nExample:\n  ov spec write t-1 --body "Add a greeting to src/hello.ts"\n',
    )
    .action(async (task: string, words: string[], options: { body?: string; agent?: string }) => {
      const { agent, body = words.length > 0 ? words.join(" ") : undefined } = options;
      const folder = join(context.project.home, "specs");
      const path = join(folder, `${checkTaskId(task)}.md`);
      const text = cleanBody(body ?? (await readStdin()));
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(`${path}.new`, text.endsWith("\n") ? text : `${text}\n`, { mode: 0o600 });
      renameSync(`${path}.new`, path);
      const author = context.identity(agent);
      context.store.events.add("spec.written", { agent: author, data: { task } });
      await context.out.done("spec write", { path, taskId: task }, path);
    });
};
