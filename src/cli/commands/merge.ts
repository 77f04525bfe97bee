import kleur from "kleur";
import { AppError } from "../../domain/errors.ts";
import { sayWithheld } from "../../domain/gate.ts";
import type { BranchOutcome } from "../../domain/merge.ts";
import { oneLine } from "../../domain/text.ts";
import { type MergeTools, mergeBranches, ordersIn } from "../../usecases/merge-branch.ts";
import { sayElsewhere } from "../../usecases/own-branches.ts";
import { NO_LIMITS, sendMail } from "../../usecases/send-mail.ts";
import { targetBranch } from "../../usecases/target-branch.ts";
import { canAsk, isYes } from "../consent.ts";
import type { Context } from "../context.ts";
import { acceptHere } from "../git-settings.ts";
import type { Register } from "../verbs.ts";

interface MergeOptions {
  branch?: string;
  all?: boolean;
  into?: string;
  dryRun?: boolean;
  acceptSettings?: boolean;
  yes?: boolean;
}

/** So many of a branch's files are printed. */
const MOST_FILES = 20;
const GOOD = ["merged", "up_to_date", "would_merge"];

export const register: Register = (command, context) => {
  command
    .option("--branch <branch>", "merge this branch")
    .option("--all", "merge every finished branch of the team, oldest first")
    .option("--into <branch>", "the target (default: merge.into of the config, else the current)")
    .option(
      "--dry-run",
      "say what would happen; no gate runs, nothing moves; alone, of all branches",
    )
    .option("--accept-settings", "accept the settings of git that stopped a merge; merges nothing")
    .option("--yes", "with --accept-settings: ask nothing")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Each branch is merged in a scratch worktree and the gates of the config run there, before the
target moves. Your index, your changes and your untracked files stay as they are. Merges into one
branch queue: a second ov merge says for which process it waits. Where a setting by which git runs a
program has changed since agents work here, nothing moves until a person accepts it.

Examples:
  ov merge --branch ov/builder-1/login
  ov merge --all --dry-run
  ov merge --accept-settings
`,
    )
    .action(async (options: MergeOptions) => {
      if (options.acceptSettings) return acceptHere(context, options);
      if (options.dryRun && !options.branch) options.all = true;
      if (!options.all === !options.branch) {
        throw new AppError("usage", "what to merge?", "give --branch <branch> or --all");
      }
      const { into, outcomes, elsewhere } = await merge(context, options);
      const failed = outcomes.filter(({ status }) => !GOOD.includes(status));
      const merged = outcomes.map((outcome) => line(outcome, into));
      const found = elsewhere.map((work) => sayElsewhere(work, into));
      const text = [...(merged.length > 0 ? merged : ["Nothing to merge"]), ...found].join("\n");
      const failure = failed.length
        ? new AppError("refused", `${failed.length} of ${outcomes.length} branches did not merge`)
        : undefined;
      const data = { into, outcomes, elsewhere };
      await context.out.done("merge", data, text, failure);
    });
};

/** Merges, and tells agents and parents by mail; those who sleep are woken. */
export async function merge(context: Context, options: MergeOptions) {
  const { store } = context;
  const told = new Set<string>();
  const tools = {
    ...(await context.merging(options.dryRun)),
    waits: (pid: number, branch: string) =>
      context.out.note(`process ${pid} merges into ${branch} just now: waiting for it`),
    note: context.out.note,
    send: (draft: Parameters<Parameters<typeof mergeBranches>[0]["send"]>[0]) => {
      const sent = sendMail(store, { ...draft, priority: "normal" }, NO_LIMITS);
      for (const name of sent.recipients) told.add(name);
    },
  };
  const { branch, all, into, dryRun } = options;
  const result = await mergeBranches(tools, {
    branches: branch ? [branch] : [],
    all,
    into,
    dryRun,
    accepted: branch && !dryRun ? await acceptedOf(context, tools, branch, into) : [],
  });
  await context.kick([...told]);
  return result;
}

/** The branch's commit, if it changes `.overture` and the person at this terminal says yes. */
async function acceptedOf(
  context: Context,
  { repo, config }: Pick<MergeTools, "repo" | "config">,
  branch: string,
  into: string | undefined,
): Promise<string[]> {
  const tip = await repo.tip(branch);
  if (tip === undefined || !canAsk(context)) return [];
  const target = await targetBranch(repo, into ?? config.into);
  const { files, patch } = await repo.changes(branch, target, undefined);
  const orders = ordersIn(files.map(({ path }) => path));
  if (orders.length === 0) return [];
  const parts = patch.split(/^(?=diff --git )/m).filter((part) => /\.overture/i.test(part));
  context.out.warn(parts.join(""));
  const isAccepted = await isYes(
    `${branch} changes what may run here or speak to agents. Merge it?`,
  );
  return isAccepted && (await repo.tip(branch)) === tip ? [tip] : [];
}

function line(outcome: BranchOutcome, into: string): string {
  const { branch, status, commit, files, conflictFiles, error, hint, gate, notes } = outcome;
  const good = GOOD.includes(status);
  const head = `${good ? kleur.green(status) : kleur.red(status)}  ${branch} ▸ ${into}`;
  const more = [
    commit
      ? `  commit ${commit.slice(0, 10)}, ${files.length} file${files.length === 1 ? "" : "s"}`
      : "",
    ...(good ? listed(files) : []),
    conflictFiles?.length ? `  conflicts: ${conflictFiles.join(", ")}` : "",
    error ? `  ${error}` : "",
    hint ? `    ${hint}` : "",
    ...(notes ?? []).map((note) => `  ${note}`),
    gate ? withheldLine(gate.withheld) : "",
    gate ? gate.output.trimEnd().replace(/^/gm, "  | ") : "",
  ];
  return [head, ...more.filter(Boolean)].join("\n");
}

/** The files that a branch changes, one a line; beyond the first ones only their number. */
function listed(files: readonly string[]): string[] {
  const rest = files.length - MOST_FILES;
  const first = files.slice(0, MOST_FILES).map((file) => `    ${oneLine(file)}`);
  return rest > 0 ? [...first, `    and ${rest} more (--json lists all)`] : first;
}

function withheldLine(names: readonly string[]): string {
  const said = sayWithheld(names);
  return said === undefined ? "" : `  ${said}`;
}
