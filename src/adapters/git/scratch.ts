import { chmod, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../domain/errors.ts";
import type { MergeOutcome } from "../../ports/repo.ts";
import { isAlive } from "../alive.ts";
import { commitOf, filesBetween, git, headRef, OURS, zeroSplit } from "./command.ts";

/** A detached checkout of `commit` under `.overture/tmp`, gone when `work` has ended. */
export async function scratch<T>(
  root: string,
  commit: string,
  work: (dir: string) => Promise<T>,
): Promise<T> {
  const rooms = join(root, ".overture", "tmp");
  await mkdir(rooms, { recursive: true });
  await sweep(root, rooms);
  const dir = await mkdtemp(join(rooms, `scratch-${process.pid}-`));
  try {
    await git(root, ["worktree", "add", "--quiet", "--detach", dir, commit], OURS);
    return await work(dir);
  } finally {
    await discard(root, dir);
  }
}

/** Whether a killed process left this; its id is in the name. */
export function isLeft(name: string): boolean {
  const pid = /^scratch-(\d+)-/.exec(name)?.[1];
  return pid !== undefined && !isAlive(Number(pid));
}

export async function sweep(root: string, rooms: string): Promise<void> {
  for (const name of (await readdir(rooms)).filter(isLeft)) await discard(root, join(rooms, name));
}

/**
 * Never throws, because it must not hide what happened in the scratch: what cannot be removed
 * now is tried again by the next sweep. `git worktree prune` would also forget a person's
 * worktrees on a disk that is not mounted.
 */
async function discard(root: string, dir: string): Promise<void> {
  const options = { ...OURS, okCodes: "any" as const };
  await git(root, ["worktree", "remove", "--force", "--force", dir], options);
  const remove = () => rm(dir, { recursive: true, force: true });
  // A gate may leave folders without write permission (Go's module cache does).
  await remove().catch(() =>
    makeWritable(dir)
      .then(remove)
      .catch(() => undefined),
  );
}

async function makeWritable(dir: string): Promise<void> {
  await chmod(dir, 0o700);
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(join(dir, entry.name));
  }
}

/** Merges a branch into the scratch's HEAD; a conflict leaves the scratch as it was. */
export async function mergeInto(
  dir: string,
  branch: string,
  message: string,
): Promise<MergeOutcome> {
  const ref = headRef(branch);
  const before = await headOf(dir);
  // A signature could ask for a passphrase where nobody sees the question.
  const how = ["--no-ff", "--no-verify", "--no-edit", "--no-gpg-sign", "--no-verify-signatures"];
  const args = ["merge", ...how, "--quiet", "-m", message, ref];
  const settings = [...OURS.settings, ...(await identity(dir))];
  const { code, stdout, stderr } = await git(dir, args, { settings, okCodes: "any" });
  if (code === 0) {
    const commit = await headOf(dir);
    const kind = commit === before ? "up_to_date" : "merged";
    return {
      kind,
      commit,
      conflictFiles: [],
      filesChanged: await filesBetween(dir, before, commit),
    };
  }
  const unmerged = ["diff", "--name-only", "--diff-filter=U", "--no-relative", "-z"];
  const conflictFiles = zeroSplit((await git(dir, unmerged, OURS)).stdout);
  if (conflictFiles.length === 0) {
    throw new AppError("refused", `git cannot merge ${branch}: ${(stderr || stdout).trim()}`);
  }
  await git(dir, ["reset", "--quiet", "--hard", before], OURS);
  const filesChanged = await filesBetween(dir, before, ref);
  return { kind: "conflict", commit: before, conflictFiles, filesChanged };
}

async function headOf(dir: string): Promise<string> {
  const commit = await commitOf(dir, "HEAD");
  if (commit === undefined) throw new AppError("refused", `${dir} holds no commit`);
  return commit;
}

/** The person's own name when git knows it; a merge must not fail for want of one. */
async function identity(dir: string): Promise<string[]> {
  const known = await Promise.all(
    ["user.name", "user.email"].map((key) => git(dir, ["config", key], { okCodes: [0, 1] })),
  );
  if (known.every((answer) => answer.stdout.trim().length > 0)) return [];
  return ["user.name=Overture", "user.email=overture@localhost"];
}
