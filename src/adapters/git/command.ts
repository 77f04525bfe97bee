import { AppError } from "../../domain/errors.ts";
import { type RunOptions, type RunResult, run } from "../process.ts";

/**
 * A call from inside a hook or another git command inherits variables that point git at that
 * repository's files; ours name the repository by the working folder alone.
 */
export const GIT_ENV = {
  GIT_DIR: undefined,
  GIT_WORK_TREE: undefined,
  GIT_COMMON_DIR: undefined,
  GIT_INDEX_FILE: undefined,
  GIT_OBJECT_DIRECTORY: undefined,
  GIT_ALTERNATE_OBJECT_DIRECTORIES: undefined,
  GIT_NAMESPACE: undefined,
  GIT_PREFIX: undefined,
  GIT_CONFIG: undefined,
  GIT_CONFIG_PARAMETERS: undefined,
  GIT_IMPLICIT_WORK_TREE: undefined,
  GIT_GRAFT_FILE: undefined,
  GIT_SHALLOW_FILE: undefined,
  GIT_NO_REPLACE_OBJECTS: undefined,
  GIT_REPLACE_REF_BASE: undefined,
  GIT_QUARANTINE_PATH: undefined,
  GIT_INTERNAL_SUPER_PREFIX: undefined,
  GIT_LITERAL_PATHSPECS: undefined,
  GIT_GLOB_PATHSPECS: undefined,
  GIT_NOGLOB_PATHSPECS: undefined,
  GIT_ICASE_PATHSPECS: undefined,
  GIT_EXTERNAL_DIFF: undefined,
  GIT_ATTR_SOURCE: undefined,
  GIT_AUTHOR_DATE: undefined,
  GIT_COMMITTER_DATE: undefined,
} as const;

const ENV = {
  ...GIT_ENV,
  GIT_TERMINAL_PROMPT: "0",
  GIT_EDITOR: ":",
  // A status must not take the index lock under a person's own command.
  GIT_OPTIONAL_LOCKS: "0",
  GIT_REFLOG_ACTION: "ov merge",
  LC_ALL: "C",
};

/** No hook of the person runs, no background job starts, no conflict memory is written. */
const SETTINGS = ["core.hooksPath=/dev/null", "gc.auto=0", "maintenance.auto=false"].concat(
  "rerere.enabled=false",
);

type GitOptions = Pick<RunOptions, "okCodes" | "input"> & {
  settings?: readonly string[];
  /** Beside ours. */
  env?: Readonly<Record<string, string>>;
};

/** The one mouth for git. Errors carry git's own last lines. */
export function git(
  cwd: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<RunResult> {
  const settings = [...SETTINGS, ...(options.settings ?? [])].flatMap((value) => ["-c", value]);
  const { okCodes, input } = options;
  const env = { ...ENV, ...options.env };
  return run("git", [...settings, ...args], { cwd, env, okCodes, input });
}

/** Settings for worktrees that are ours: a file watcher there would outlive the folder. */
export const OURS = { settings: ["core.fsmonitor=false"] } as const;

// git-check-ref-format(1), as one pattern: what no branch name may hold.
const NOT_A_BRANCH =
  /^$|^-|^@$|^HEAD$|^refs\/|[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|^\/|\/$|\.$|(^|\/)\.|\.lock(\/|$)/;

/** The full ref of a branch: it cannot be read as an option, a range or another kind of ref. */
export function headRef(branch: string): string {
  if (NOT_A_BRANCH.test(branch)) {
    throw new AppError(
      "usage",
      `${JSON.stringify(branch)} is not a branch name`,
      "write it as `git branch` lists it, e.g. ov/alice/task-1",
    );
  }
  return `refs/heads/${branch}`;
}

export function branchOfRef(ref: string): string | undefined {
  return ref.startsWith("refs/heads/") ? ref.slice("refs/heads/".length) : undefined;
}

/** Commit id of a full ref, a commit id or `HEAD`; undefined when there is none. */
export async function commitOf(cwd: string, ref: string): Promise<string | undefined> {
  if (ref.startsWith("-")) return undefined;
  const args = ["rev-parse", "--verify", "--quiet", `${ref}^{commit}`];
  const { code, stdout } = await git(cwd, args, { okCodes: [0, 1, 128] });
  return code === 0 ? stdout.trim() : undefined;
}

/** The entries of output that was asked for with `-z`. */
export function zeroSplit(text: string): string[] {
  return text.split("\0").filter((entry) => entry.length > 0);
}

/** Paths that differ between two commits; a renamed file is both its names. */
export async function filesBetween(cwd: string, from: string, to: string): Promise<string[]> {
  const args = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", from, to];
  return zeroSplit((await git(cwd, args)).stdout);
}
