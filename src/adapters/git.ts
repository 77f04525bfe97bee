import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { AppError } from "../domain/errors.ts";
import type { Repo } from "../ports/repo.ts";
import { advance } from "./git/advance.ts";
import { changes } from "./git/changes.ts";
import { branchOfRef, commitOf, filesBetween, git, headRef, OURS } from "./git/command.ts";
import { runGate } from "./git/gate.ts";
import { repairMoved } from "./git/moved.ts";
import { mergeInto, scratch } from "./git/scratch.ts";
import { setUp } from "./git/set-up.ts";
import { settingsNote } from "./git/settings.ts";
import { hasSubmodules, keepSubmodules, rejoinSubmodules } from "./git/submodules.ts";
import { undoPlace } from "./git/undo.ts";
import { dirtyFiles, ignoredFiles, isShared, listWorktrees, unsaved } from "./git/worktrees.ts";

/** The repository whose checkout is at `root`; git 2.30 or newer. */
export function openRepo(root: string): Repo {
  return {
    root,
    settings: settingsNote(root),
    resolve: (ref) => commitOf(root, ref),
    tip: async (branch) => commitOf(root, headRef(branch)),
    currentBranch: () => currentBranch(root),
    openBranches: (into) => openBranches(root, into),
    addWorktree: (path, branch, base) => addWorktree(root, path, branch, base),
    removeWorktree: (path, force) => removeWorktree(root, path, force ?? false),
    moveWorktree: (from, to) => moveWorktree(root, from, to),
    deleteBranch: (branch, at) => deleteBranch(root, branch, at),
    undo: ({ worktree, branch }) =>
      undoPlace(
        root,
        { worktree, branch },
        {
          removeWorktree: (path) => removeWorktree(root, path, false),
          deleteBranch: (name, at) => deleteBranch(root, name, at),
        },
      ),
    worktrees: () => listWorktrees(root),
    isShared: () => isShared(root),
    repairMoved: () => repairMoved(root),
    ignored: (worktree) => ignoredFiles(worktree),
    unsaved: (worktree, branch, into) => unsaved(root, worktree, branch, into),
    changedFiles: (branch, into) => changedFiles(root, branch, into),
    changes: (branch, base, worktree) => changes(root, branch, base, worktree),
    scratch: (commit, work) => scratch(root, commit, work),
    mergeInto,
    setUp: (dir, plan, gateRoom) => setUp(root, dir, plan, gateRoom),
    keepSubmodules: (worktree) => keepSubmodules(root, worktree),
    runGate: (dir, command, gateRoom) => runGate(dir, command, gateRoom),
    advance: (branch, from, to) => advance(root, branch, from, to),
  };
}

async function currentBranch(root: string): Promise<string | undefined> {
  const { stdout } = await git(root, ["symbolic-ref", "--quiet", "HEAD"], { okCodes: [0, 1] });
  return branchOfRef(stdout.trim());
}

async function openBranches(root: string, into: string): Promise<string[]> {
  const args = ["for-each-ref", "--sort=committerdate", "--format=%(refname)"];
  const { stdout } = await git(root, [...args, `--no-merged=${headRef(into)}`, "refs/heads/ov/"]);
  return stdout.split("\n").flatMap((ref) => branchOfRef(ref) ?? []);
}

/** What it made before git failed, as where a filter's program is missing, is gone again. */
async function addWorktree(
  root: string,
  path: string,
  branch: string,
  base: string,
): Promise<void> {
  const add = ["worktree", "add", "--quiet"];
  const before = await commitOf(root, headRef(branch));
  const commit = before ?? (await commitOf(root, base));
  if (commit === undefined) {
    throw new AppError("not_found", `no commit is called "${base}"`, "make a first commit");
  }
  const isNew = before === undefined;
  const hadFolder = existsSync(path);
  const named = isNew ? ["--no-track", "-b", branch, "--", path, commit] : ["--", path, branch];
  try {
    await git(root, [...add, ...named], OURS);
  } catch (error) {
    const isListed = (await listWorktrees(root)).some((tree) => tree.path === path);
    // Twice: git locks a worktree while it makes it.
    const drop = ["worktree", "remove", "--force", "--force", "--", path];
    if (!hadFolder && isListed) await git(root, drop, OURS);
    const isOurs = isNew && (await commitOf(root, headRef(branch))) === commit;
    if (isOurs) await deleteBranch(root, branch, commit);
    throw error;
  }
}

/** A folder that is already gone is removed from git's list. */
async function removeWorktree(root: string, path: string, force: boolean): Promise<void> {
  const lost = await keepSubmodules(root, path);
  if (lost.length > 0) {
    throw new AppError("refused", lost.join("; "), "push it from there, then try again");
  }
  // Of a worktree with submodules git removes none without --force (2.39), also where all is kept.
  const isOdd = !force && (await hasSubmodules(path));
  const dirty = isOdd ? await dirtyFiles(path) : [];
  if (dirty.length > 0) throw new AppError("refused", `in no commit: ${dirty.join(", ")}`);
  const args = ["worktree", "remove", ...(force || isOdd ? ["--force"] : []), "--", path];
  // git asks `git status` what would be lost, which a person may have told to hide files.
  await git(root, args, { settings: [...OURS.settings, "status.showUntrackedFiles=all"] });
}

/** Git itself moves no worktree with submodules (2.39). */
async function moveWorktree(root: string, from: string, to: string): Promise<void> {
  if (!(await hasSubmodules(from))) {
    await git(root, ["worktree", "move", "--", from, to], OURS);
    return;
  }
  if (existsSync(to)) throw new AppError("refused", `${to} is there already`);
  await rename(from, to);
  await git(root, ["worktree", "repair", to], OURS);
  await rejoinSubmodules(to);
}

async function deleteBranch(root: string, branch: string, at: string): Promise<void> {
  const ref = headRef(branch);
  const holder = (await listWorktrees(root)).find((worktree) => worktree.branch === branch);
  if (holder) throw new AppError("refused", `${branch} is checked out in ${holder.path}`);
  await git(root, ["update-ref", "-d", ref, at]);
  // 128: the branch has no settings of its own.
  await git(root, ["config", "--remove-section", `branch.${branch}`], { okCodes: [0, 128] });
}

async function changedFiles(root: string, branch: string, into: string): Promise<string[]> {
  const args = ["merge-base", headRef(into), headRef(branch)];
  const { code, stdout } = await git(root, args, { okCodes: [0, 1] });
  if (code === 1) throw new AppError("refused", `${branch} and ${into} have no common commit`);
  return filesBetween(root, stdout.trim(), headRef(branch));
}
