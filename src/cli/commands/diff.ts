import kleur from "kleur";
import { AppError, unknownWord } from "../../domain/errors.ts";
import { cleanBody, cleanHeader } from "../../domain/text.ts";
import type { ChangedFile } from "../../ports/repo.ts";
import { targetBranch } from "../../usecases/target-branch.ts";
import { table } from "../table.ts";
import type { Register } from "../verbs.ts";

export const register: Register = (command, context) => {
  command
    .argument("<agent>", "whose work")
    .option("--base <branch>", "compare with this branch (default: the one that it began at)")
    .option("--stat", "only the files, and how many lines changed")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
What the agent changed since its branch left the base branch: commits, uncommitted changes and
files that git does not know yet. Nothing is changed by looking.

Examples:
  ov diff builder-1
  ov diff builder-1 --stat
`,
    )
    .action(async (name: string, options: { base?: string; stat?: boolean }) => {
      const { store, out } = context;
      const agent = store.agents.get(name);
      if (!agent) {
        const known = store.agents.list().map((one) => one.name);
        throw unknownWord("agent", name, known);
      }
      if (agent.branch === null) {
        throw new AppError("refused", `${name} has no branch of its own`, "ov worktree list");
      }
      const repo = await context.repo();
      const { merge } = await context.config();
      const own = agent.baseBranch;
      const isThere = own !== null && (await repo.tip(own)) !== undefined;
      const base = options.base ?? (isThere ? own : await targetBranch(repo, merge.into));
      if ((await repo.tip(base)) === undefined) {
        throw new AppError("not_found", `there is no branch "${base}"`, "name one with --base");
      }
      const { worktree, branch } = agent;
      const { from, files, patch } = await repo.changes(branch, base, worktree ?? undefined);
      const data = { agent: name, branch, base, baseCommit: from, files };
      const head = `${kleur.bold(branch)} since it left ${base} (${from.slice(0, 10)})`;
      const text =
        files.length === 0
          ? `${head}: nothing changed`
          : [`${head}:`, stat(files), ...(options.stat ? [] : ["", cleanBody(patch)])].join("\n");
      await out.done("diff", options.stat ? data : { ...data, patch }, text);
    });
};

/** Names as git has them may hold anything: cleaned where they are printed. */
const stat = (files: readonly ChangedFile[]): string =>
  table(
    ["FILE", "ADDED", "DELETED"],
    files.map(({ path, added, deleted }) => [
      cleanHeader(path),
      added === null ? "binary" : kleur.green(`+${added}`),
      deleted === null ? "" : kleur.red(`-${deleted}`),
    ]),
  );
