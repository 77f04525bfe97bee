import { existsSync, lstatSync, realpathSync } from "node:fs";
import { cp, glob, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { AppError } from "../../domain/errors.ts";
import type { GateRoom } from "../../domain/gate.ts";
import type { SetUp, SetUpDone } from "../../domain/set-up.ts";
import { git, OURS } from "./command.ts";
import { runGate } from "./gate.ts";
import { fillSubmodules } from "./submodules.ts";

/** See Repo.setUp. */
export async function setUp(
  root: string,
  dir: string,
  plan: SetUp,
  gateRoom?: GateRoom,
): Promise<SetUpDone> {
  const missing = await fillSubmodules(root, dir);
  const place = { root: realpathSync(root), dir: realpathSync(dir) };
  for (const how of ["copy", "link"] as const) {
    for (const pattern of plan[how]) {
      const found = await matches(place.root, pattern);
      if (found.length === 0) missing.push(`worktree.${how}: there is no ${pattern} in ${root}`);
      for (const path of found) await bring(place, how, path);
    }
  }
  // The name says whose it is: see `isLeft`.
  const logFile = join(root, ".overture", "tmp", `scratch-${process.pid}-${basename(dir)}-run.log`);
  await mkdir(dirname(logFile), { recursive: true });
  for (const command of plan.run) {
    const { ok, ...failed } = await runGate(dir, command, gateRoom, logFile);
    if (!ok) return { missing, failed: { command, ...failed } };
  }
  return { missing };
}

/** Below the root, as `glob` of Node matches: `*` stands for no name that begins with a dot. */
async function matches(root: string, wanted: string): Promise<string[]> {
  const pattern = wanted.replace(/^\.\/|\/$/g, "");
  if (!/[*?[{]/.test(pattern)) return isThere(join(root, pattern)) ? [pattern] : [];
  const found: string[] = [];
  for await (const path of glob(pattern, { cwd: root })) {
    if (!/^\.(git|overture)(\/|$)/.test(path)) found.push(path);
  }
  return found.sort();
}

/** What the commit has stays as it is. */
async function bring(
  { root, dir }: { root: string; dir: string },
  how: "copy" | "link",
  path: string,
): Promise<void> {
  const to = join(dir, path);
  try {
    const from = realpathSync(join(root, path));
    stayIn(root, from, `${path} is a link that leads out of the project`);
    if (/^\.(git|overture)(\/|$)/.test(from.slice(root.length + 1))) {
      throw new AppError("refused", `${path} leads into a folder of git or Overture`);
    }
    stayIn(dir, nearest(dirname(to)), `${dirname(path)} is a link that leads out of the worktree`);
    const isNew = !isThere(to);
    if (!isNew && (how === "link" || !lstatSync(to).isDirectory())) return;
    await mkdir(dirname(to), { recursive: true });
    if (how === "link") await symlink(join(root, path), to);
    // Links inside are copied as they are, and not followed.
    else await cp(from, to, { recursive: true, force: false, verbatimSymlinks: true });
    if (isNew) await exclude(dir, path);
  } catch (cause) {
    const message = `worktree.${how}: ${(cause as Error).message}`;
    throw new AppError("refused", message, "correct it in .overture/config.yaml", { cause });
  }
}

function stayIn(folder: string, path: string, message: string): void {
  if (path === folder || path.startsWith(folder + sep)) return;
  throw new AppError("refused", `${message}: ${path}`);
}

const isThere = (path: string) => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** Where the path, or the nearest folder above it that is there, really is. */
function nearest(path: string): string {
  return isThere(path) ? realpathSync(path) : nearest(dirname(path));
}

/**
 * An agent's `git add -A` must not commit what is brought from the person's checkout. Git has
 * no such list for one worktree; a pattern `node_modules/` fits folders only, and no link.
 */
async function exclude(dir: string, path: string): Promise<void> {
  const asked = ["check-ignore", "--quiet", "--", path];
  if ((await git(dir, asked, { ...OURS, okCodes: [0, 1] })).code === 0) return;
  const { stdout } = await git(dir, ["rev-parse", "--git-path", "info/exclude"]);
  const file = resolve(dir, stdout.trim());
  const before = existsSync(file) ? await readFile(file, "utf8") : "";
  const line = `/${path.replace(/[*?[\]\\ !#]/g, "\\$&")}`;
  await mkdir(dirname(file), { recursive: true });
  const end = before === "" || before.endsWith("\n") ? "" : "\n";
  await writeFile(
    file,
    `${before}${end}# by worktree.copy or worktree.link of Overture\n${line}\n`,
  );
}
