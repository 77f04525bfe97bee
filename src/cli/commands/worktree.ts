import kleur from "kleur";
import { AppError } from "../../domain/errors.ts";
import { type CleanedRow, cleanWorktrees, listWorktrees } from "../../usecases/clean-worktrees.ts";
import { worktreeTools } from "../context/worktrees.ts";
import { table } from "../table.ts";
import type { Register } from "../verbs.ts";

export function cleanedText(rows: readonly CleanedRow[]): string {
  const lines = rows.map(({ agent, removed, reason, path }) => {
    const why = reason ? `: ${reason}` : "";
    return removed
      ? `${kleur.green("removed")} ${path}${why}`
      : `${kleur.yellow("kept")} ${agent}${why}`;
  });
  return lines.join("\n") || "No worktrees";
}

export const register: Register = (command, context) => {
  const { out } = context;
  command.addHelpText("after", "\nExample:\n  ov worktree list\n");

  command
    .command("list")
    .description("print the agents' worktrees and what in them is nowhere else")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov worktree list --json\n")
    .action(async () => {
      const { into, worktrees } = await listWorktrees(await worktreeTools(context));
      const rows = worktrees.map((row) => [
        row.agent,
        row.branch ?? "-",
        row.live ? kleur.cyan("running") : "stopped",
        row.merged
          ? kleur.green("merged")
          : kleur.yellow(`${row.unmerged.length} commits unmerged`),
        [
          row.dirty.length > 0 ? kleur.yellow(`${row.dirty.length} files uncommitted`) : "",
          row.elsewhere ? `not on its own branch: ${row.elsewhere}` : "",
        ]
          .filter(Boolean)
          .join("  "),
      ]);
      const text = rows.length
        ? table(["AGENT", "BRANCH", "SESSION", `INTO ${into}`, ""], rows)
        : "No worktrees";
      await out.done("worktree list", { into, worktrees }, text);
    });

  command
    .command("clean")
    .description("remove worktrees of stopped agents in which nothing would be lost")
    .argument("[agent]", "only this agent's")
    .option("--all", "accepted: all stopped agents are looked at anyway")
    .option("--completed", "accepted: as --all")
    .option("--force", "also with uncommitted files; branches with unmerged commits stay")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      "\nExamples:\n  ov worktree clean\n  ov worktree clean builder-1 --force\n",
    )
    .action(async (agent: string | undefined, { force }: { force?: boolean }) => {
      const report = await cleanWorktrees(await worktreeTools(context), { agent, force });
      const kept = report.worktrees.find((row) => !row.removed);
      const failure =
        agent && kept ? new AppError("refused", `${agent} is kept: ${kept.reason}`) : undefined;
      await out.done("worktree clean", report, cleanedText(report.worktrees), failure);
    });
};
