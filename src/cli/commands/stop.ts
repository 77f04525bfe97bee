import { cleanWorktrees } from "../../usecases/clean-worktrees.ts";
import { stopAgent } from "../../usecases/stop-agent.ts";
import type { Register } from "../verbs.ts";
import { cleanedText, worktreeTools } from "./worktree.ts";

export const register: Register = (command, context) => {
  command
    .argument("<agent>", "its name")
    .option("--force", "with --clean-worktree: remove unmerged and uncommitted work too")
    .option("--clean-worktree", "remove the worktree if nothing in it would be lost")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      "\nExamples:\n  ov stop builder-1\n  ov stop builder-1 --clean-worktree\n",
    )
    .action(async (name: string, options: { force?: boolean; cleanWorktree?: boolean }) => {
      const { out } = context;
      const { wasRunning } = await stopAgent(await context.team(), name);
      const lines = [wasRunning ? `${name} stopped` : `${name} was not running`];
      let cleaned: unknown = null;
      if (options.cleanWorktree) {
        const { force } = options;
        const report = await cleanWorktrees(await worktreeTools(context), { agent: name, force });
        cleaned = report.worktrees;
        lines.push(cleanedText(report.worktrees));
      }
      const data = { agent: name, stopped: wasRunning, cleaned };
      await out.done("stop", data, lines.join("\n"));
    });
};
