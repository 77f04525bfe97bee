import { existsSync, realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Unsaved, Worktree } from "../../ports/repo.ts";
import { branchOfRef, commitOf, git, headRef, OURS, zeroSplit } from "./command.ts";

/**
 * Every checkout that git knows, the main one first. A folder that was deleted by hand is still
 * listed. `-z` and `prunable` are not in git 2.30.
 */
export async function listWorktrees(root: string): Promise<Worktree[]> {
  const { stdout } = await git(root, ["worktree", "list", "--porcelain"]);
  const sandboxes = join(realpathSync(root), ".overture", "worktrees");
  return stdout
    .split("\n\n")
    .map((block) => block.split("\n"))
    .filter((lines) => lines[0]?.startsWith("worktree ") && !lines.includes("bare"))
    .map((lines) => {
      const path = lines[0]!.slice("worktree ".length);
      const ref = lines.find((line) => line.startsWith("branch "))?.slice("branch ".length);
      const agent = dirname(path) === sandboxes ? basename(path) : undefined;
      return { path, branch: ref === undefined ? undefined : branchOfRef(ref), agent };
    });
}

/** See Repo.isShared. A store inside our own folder is none of a project. */
export async function isShared(root: string): Promise<boolean> {
  const here = realpathSync(root);
  return (await listWorktrees(root)).some(
    ({ path }) =>
      path !== here &&
      !path.includes("/.overture/") &&
      existsSync(join(path, ".overture", "overture.db")),
  );
}

/** The checkout's own git folder: HEAD, index and the files of an unfinished operation. */
export async function gitDir(path: string): Promise<string> {
  return (await git(path, ["rev-parse", "--absolute-git-dir"])).stdout.trim();
}

export async function unsaved(
  root: string,
  path: string,
  branch: string | undefined,
  into: string,
): Promise<Unsaved> {
  const here = existsSync(path);
  const tips = [
    here ? await commitOf(path, "HEAD") : undefined,
    branch === undefined ? undefined : await commitOf(root, headRef(branch)),
  ].filter((tip) => tip !== undefined);
  const log = ["log", "--no-show-signature", "--no-color", "--format=%h %s", ...tips];
  const commits =
    tips.length > 0 ? (await git(root, [...log, "--not", headRef(into), "--"])).stdout : "";
  return {
    dirty: here ? await dirtyFiles(path) : [],
    unmerged: commits.split("\n").filter((line) => line.length > 0),
  };
}

/** Paths with staged, unstaged or untracked changes; a rename is both its names. */
export async function dirtyFiles(path: string): Promise<string[]> {
  const args = ["status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames"];
  const { stdout } = await git(path, [...args, "--ignore-submodules=none"], OURS);
  return zeroSplit(stdout).map((entry) => entry.slice(3));
}

/** See Repo.ignored. */
export async function ignoredFiles(path: string): Promise<string[]> {
  const args = ["status", "--porcelain=v1", "-z", "--ignored=matching", "--untracked-files=normal"];
  const { stdout } = await git(path, [...args, "--no-renames"], OURS);
  return zeroSplit(stdout).flatMap((entry) => (entry.startsWith("!! ") ? [entry.slice(3)] : []));
}

const UNFINISHED: readonly [file: string, what: string][] = [
  ["MERGE_HEAD", "a merge"],
  ["rebase-merge", "a rebase"],
  ["rebase-apply", "a rebase"],
  ["CHERRY_PICK_HEAD", "a cherry-pick"],
  ["REVERT_HEAD", "a revert"],
  ["sequencer", "a cherry-pick or revert"],
  ["BISECT_LOG", "a bisect"],
];

/** What a person has begun in this checkout and not ended, in words; undefined for nothing. */
export function unfinished(dir: string): string | undefined {
  return UNFINISHED.find(([file]) => existsSync(join(dir, file)))?.[1];
}

/**
 * Whether a rebase in this checkout will move the branch at its end. Its HEAD is detached
 * meanwhile, so that the list of worktrees does not show it.
 */
export async function isRebasing(dir: string, ref: string): Promise<boolean> {
  const files = ["rebase-merge/head-name", "rebase-apply/head-name", "rebase-merge/update-refs"];
  for (const file of files.map((name) => join(dir, name)).filter(existsSync)) {
    if ((await readFile(file, "utf8")).split("\n").includes(ref)) return true;
  }
  return false;
}
