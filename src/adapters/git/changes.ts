import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "../../domain/errors.ts";
import type { ChangedFile, Changes } from "../../ports/repo.ts";
import { git, headRef, OURS } from "./command.ts";

/** Nothing of the person's or the agent's settings runs a program, and names are whole. */
const PLAIN = ["--no-ext-diff", "--no-textconv", "--no-color", "--no-renames"];

/**
 * What a branch, and its worktree where there is one, changed since it left `base`. Uncommitted and
 * untracked files are in it: an index of our own lists them, and the worktree's stays as it is.
 */
export async function changes(
  root: string,
  branch: string,
  base: string,
  worktree: string | undefined,
): Promise<Changes> {
  const isThere = worktree !== undefined && existsSync(worktree);
  const cwd = isThere ? worktree : root;
  const head = isThere ? "HEAD" : headRef(branch);
  const found = await git(cwd, ["merge-base", headRef(base), head], { okCodes: [0, 1] });
  if (found.code === 1)
    throw new AppError("refused", `${branch} and ${base} have no common commit`);
  const from = found.stdout.trim();
  if (!isThere) return read(cwd, [from, head]);
  const folder = mkdtempSync(join(tmpdir(), "ov-diff-"));
  try {
    const env = { GIT_INDEX_FILE: join(folder, "index") };
    await git(cwd, ["read-tree", "HEAD"], { ...OURS, env });
    await git(cwd, ["add", "--intent-to-add", "--all"], { ...OURS, env });
    return await read(cwd, [from], env);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function read(
  cwd: string,
  range: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<Changes> {
  const diff = async (...form: string[]) => {
    const options = env ? { ...OURS, env } : OURS;
    return (await git(cwd, ["diff", ...PLAIN, ...form, ...range, "--"], options)).stdout;
  };
  const [counts, patch] = [await diff("--numstat", "-z"), await diff("--patch")];
  return { from: range[0]!, files: counts.split("\0").filter(Boolean).map(file), patch };
}

/** `3\t1\tpath`; `-` for a binary file. */
function file(row: string): ChangedFile {
  const [added = "-", deleted = "-", ...path] = row.split("\t");
  const number = (text: string) => (text === "-" ? null : Number(text));
  return { path: path.join("\t"), added: number(added), deleted: number(deleted) };
}
