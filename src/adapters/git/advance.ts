import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../domain/errors.ts";
import { commitOf, git, headRef } from "./command.ts";
import { gitDir, isRebasing, listWorktrees, unfinished } from "./worktrees.ts";

/** See Repo.advance. */
export async function advance(
  root: string,
  branch: string,
  from: string,
  to: string,
): Promise<void> {
  const ref = headRef(branch);
  await expectAt(root, branch, from);
  if (!(await isAncestor(root, from, to))) {
    throw new AppError("refused", `${branch} would lose commits: nothing moved`);
  }
  const holders: string[] = [];
  for (const checkout of await listWorktrees(root)) {
    if (!existsSync(checkout.path)) continue;
    if (checkout.branch === branch) holders.push(checkout.path);
    else if (
      checkout.branch === undefined &&
      (await isRebasing(await gitDir(checkout.path), ref))
    ) {
      throw busy(branch, checkout.path, "a rebase");
    }
  }
  const [checkout, second] = holders;
  if (checkout === undefined) return moveRef(root, branch, from, to);
  if (second !== undefined) {
    throw new AppError(
      "refused",
      `${branch} is checked out twice, in ${checkout} and ${second}: nothing moved`,
      "switch one of them to another branch",
    );
  }
  await followIn(checkout, branch, to);
  if (await isAncestor(root, to, ref)) return;
  throw new AppError(
    "refused",
    `${checkout} was switched to another branch during the merge; ${branch} was not moved`,
    "see `git reflog` there, then merge again",
  );
}

async function expectAt(root: string, branch: string, commit: string): Promise<void> {
  const at = await commitOf(root, headRef(branch));
  if (at !== commit) throw moved(branch, at);
}

async function isAncestor(root: string, old: string, young: string): Promise<boolean> {
  const args = ["merge-base", "--is-ancestor", old, young];
  return (await git(root, args, { okCodes: [0, 1] })).code === 0;
}

/** Compare and swap: git takes the ref's lock and looks at the old value under it. */
async function moveRef(root: string, branch: string, from: string, to: string): Promise<void> {
  const args = ["update-ref", "-m", "ov merge", headRef(branch), to, from];
  const { code, stderr } = await git(root, args, { okCodes: "any" });
  if (code === 0) return;
  const at = await commitOf(root, headRef(branch));
  throw at === from
    ? new AppError("refused", `git cannot move ${branch}: ${stderr.trim()}`)
    : moved(branch, at);
}

// Each switch is a default or a setting of the person that would stash, squash, sign or overwrite.
const FOLLOW = ["--ff-only", "--no-overwrite-ignore", "--no-autostash", "--no-squash", "--commit"];
const QUIET = ["--no-verify-signatures", "--no-edit", "--no-stat", "--quiet"];

async function followIn(checkout: string, branch: string, to: string): Promise<void> {
  const dir = await gitDir(checkout);
  const what = unfinished(dir);
  if (what !== undefined) throw busy(branch, checkout, what);
  const restore = await keepNotes(checkout, dir);
  const args = ["merge", ...FOLLOW, ...QUIET, to];
  const deadline = Date.now() + LOCK_WAIT_MS;
  let answer = await git(checkout, args, { okCodes: "any" });
  while (isLocked(answer.stderr) && Date.now() < deadline) {
    await sleep(100);
    answer = await git(checkout, args, { okCodes: "any" });
  }
  await restore();
  if (answer.code !== 0) throw blocked(branch, checkout, answer.stderr);
}

/** An editor's `git status` or another merge holds the index for moments. */
const LOCK_WAIT_MS = 3_000;

function isLocked(stderr: string): boolean {
  return stderr.includes("index.lock': File exists");
}

/**
 * A fast-forward overwrites ORIG_HEAD and deletes MERGE_MSG, which a person may still need: for
 * `git reset ORIG_HEAD`, or for the commit after a `cherry-pick --no-commit`.
 */
async function keepNotes(checkout: string, dir: string): Promise<() => Promise<void>> {
  const original = await commitOf(checkout, "ORIG_HEAD");
  const path = join(dir, "MERGE_MSG");
  const message = existsSync(path) ? await readFile(path) : undefined;
  return async () => {
    const value = original === undefined ? ["-d", "ORIG_HEAD"] : ["ORIG_HEAD", original];
    await git(checkout, ["update-ref", ...value]);
    if (message !== undefined) await writeFile(path, message);
  };
}

function moved(branch: string, at: string | undefined): AppError {
  return new AppError(
    "refused",
    `${branch} has moved meanwhile (now at ${at?.slice(0, 12) ?? "nothing"}): nothing was changed`,
    "merge again",
  );
}

function busy(branch: string, checkout: string, what: string): AppError {
  return new AppError(
    "refused",
    `${checkout} is in the middle of ${what}: ${branch} was not moved`,
    `finish or abort it there, then merge again`,
  );
}

/** git lists the files in its way with a tab before each. */
function blocked(branch: string, checkout: string, stderr: string): AppError {
  const files = stderr.split("\n").filter((line) => line.startsWith("\t"));
  const named = files.map((line) => line.trim()).join(", ");
  return new AppError(
    "refused",
    named.length > 0
      ? `${branch} was not moved: the merge would overwrite ${named} in ${checkout}`
      : `${branch} was not moved: ${stderr.trim()}`,
    named.length > 0 ? "commit, stash or move these changes, then merge again" : undefined,
    { cause: new Error(stderr) },
  );
}
