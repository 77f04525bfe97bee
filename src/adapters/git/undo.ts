import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rm, rmdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { AppError } from "../../domain/errors.ts";
import type { MadePlace, Undone } from "../../ports/repo.ts";
import { readIfThere } from "../files.ts";
import { run } from "../process.ts";
import { commitOf, git, headRef } from "./command.ts";
import { dirtyFiles, listWorktrees } from "./worktrees.ts";

const POLL_MS = 100;
/** A large checkout that goes on after whoever asked for it was killed. */
const MAKING_MS = 60_000;
const SHOWN = 5;

interface Removal {
  /** Throws `refused` where something in it is in no commit. */
  removeWorktree(path: string): Promise<void>;
  deleteBranch(name: string, at: string): Promise<void>;
}

/**
 * Removes a worktree and a branch that a start has made, and nothing that somebody has worked on: a
 * worktree with changes stays, and so does a branch that has moved. Called again, it does the rest.
 */
export async function undoPlace(
  root: string,
  { worktree, branch }: MadePlace,
  { removeWorktree, deleteBranch }: Removal,
): Promise<Undone> {
  const done: Undone = { gone: [], kept: [] };
  const why = worktree === null ? undefined : await undoWorktree(root, worktree, removeWorktree);
  if (worktree !== null && why === "") done.gone.push(`worktree ${worktree}`);
  if (worktree !== null && why) done.kept.push(`the worktree ${worktree} ${why}`);
  if (branch === null || why) return done;
  const tip = await commitOf(root, headRef(branch.name));
  if (tip === undefined) return done;
  if (tip !== branch.commit) {
    done.kept.push(`the branch ${branch.name} has commits`);
    return done;
  }
  await deleteBranch(branch.name, branch.commit);
  done.gone.push(`branch ${branch.name}`);
  return done;
}

/** Undefined: there was none; empty: it is gone; else why it stays. */
async function undoWorktree(root: string, path: string, remove: Removal["removeWorktree"]) {
  await untilMade(path);
  const half = await halfMade(root, path);
  if (half !== undefined) {
    for (const folder of [path, half]) await rm(folder, { recursive: true, force: true });
    return "";
  }
  const listed = (await listWorktrees(root)).some((tree) => tree.path === path);
  if (!listed) {
    if (!existsSync(path)) return undefined;
    if (readdirSync(path).length > 0) return "is no worktree of git";
    await rmdir(path);
    return "";
  }
  const dirty = existsSync(path) ? await dirtyFiles(path) : [];
  if (dirty.length > 0) return `has changes: ${dirty.slice(0, SHOWN).join(", ")}`;
  await remove(path);
  return "";
}

/** A git whose caller was killed goes on. Throws `refused` when that takes too long. */
async function untilMade(path: string): Promise<void> {
  const until = Date.now() + MAKING_MS;
  for (;;) {
    const { stdout } = await run("ps", ["-eo", "args="]);
    const isMaking = (line: string) => line.includes("worktree add") && line.includes(path);
    if (!stdout.split("\n").some(isMaking)) return;
    if (Date.now() >= until) {
      throw new AppError("refused", `git still makes the worktree ${path}`, "try again later");
    }
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}

/** Git's own folder of a worktree that git was killed in the middle of making. */
async function halfMade(root: string, path: string): Promise<string | undefined> {
  const args = ["rev-parse", "--path-format=absolute", "--git-common-dir"];
  const all = join((await git(root, args)).stdout.trim(), "worktrees");
  const names = existsSync(all) ? readdirSync(all) : [];
  return names
    .map((name) => join(all, name))
    .find((folder) => {
      const place = readIfThere(join(folder, "gitdir"))?.trim();
      const isIts = place === join(path, ".git") || (!place && isNamed(folder, path));
      return isIts && existsSync(join(folder, "locked")) && isLocked(folder);
    });
}

/** So git marks one while it makes it (2.39). */
const isLocked = (folder: string) =>
  readFileSync(join(folder, "locked"), "utf8").trim() === "initializing";

const isNamed = (folder: string, path: string) =>
  new RegExp(`^${basename(path)}\\d*$`).test(basename(folder));
