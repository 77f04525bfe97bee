import { existsSync, realpathSync, statSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import type { GitSetting } from "../../domain/git-settings.ts";
import { isMissing, listIfThere, readIfThere } from "../files.ts";

/**
 * Worktrees of agents in which git would read the settings of another repository: their `.git` is
 * a folder, or leads elsewhere than to the part of the common git folder that names them. One that
 * is gone, or that a copy of the project has of the original, is none of ours.
 */
export function strayWorktrees(root: string, common: string): GitSetting[] {
  const trees = join(common, "worktrees");
  const ours = join(real(root) ?? root, ".overture", "worktrees") + sep;
  return listIfThere(trees).flatMap((id) => {
    const home = join(trees, id);
    const named = readIfThere(join(home, "gitdir"))?.trim();
    const pointer = named && resolve(home, named);
    if (!pointer?.startsWith(ours)) return [];
    if (!existsSync(pointer)) return [];
    const shared = resolve(home, readIfThere(join(home, "commondir"))?.trim() ?? ".");
    const leads = statSync(pointer).isFile() ? leadsTo(pointer) : pointer;
    if (real(leads) !== real(home)) return [{ name: `${pointer} (settings)`, value: leads }];
    return real(shared) === real(common) ? [] : [{ name: `${home}/commondir`, value: shared }];
  });
}

function leadsTo(pointer: string): string {
  const path = /^gitdir: (.+)$/m.exec(readIfThere(pointer) ?? "")?.[1] ?? ".";
  return resolve(pointer, "..", path);
}

function real(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
