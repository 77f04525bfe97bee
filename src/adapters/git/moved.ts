import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { git, OURS } from "./command.ts";

/** See Repo.repairMoved. */
export async function repairMoved(root: string): Promise<void> {
  const { stdout } = await git(root, ["rev-parse", "--git-common-dir"]);
  const common = resolve(root, stdout.trim());
  const folder = join(root, ".overture", "worktrees");
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const moved = names.map((name) => join(folder, name)).filter((path) => isMoved(common, path));
  if (moved.length > 0) await git(root, ["worktree", "repair", ...moved], OURS);
}

/**
 * Whether this worktree and git's record of it name places that are gone. In a copy of a project
 * they name the first one, which is still there: a repair would take its worktrees from it.
 */
function isMoved(common: string, path: string): boolean {
  const own = pointerOf(join(path, ".git"), /^gitdir: (.+)$/m);
  if (own === undefined || existsSync(resolve(path, own))) return false;
  const record = join(common, "worktrees", basename(own));
  const back = pointerOf(join(record, "gitdir"), /^(.+)$/m);
  return back !== undefined && !existsSync(resolve(record, back));
}

function pointerOf(file: string, form: RegExp): string | undefined {
  return existsSync(file) ? form.exec(readFileSync(file, "utf8"))?.[1] : undefined;
}
