import { readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { readIfThere } from "./files.ts";

/** A name that a file system takes: a longer way gets its end only. */
const LONGEST = 200;

/**
 * The git folder that all worktrees of the repository around this folder share, and the way from
 * there to the folder in one word: `root` for the main checkout itself. Undefined outside of any.
 * Reads files only: git itself is not started.
 */
export function commonGitDir(folder: string): { common: string; name: string } | undefined {
  for (let dir = folder; ; dir = dirname(dir)) {
    const own = gitDirOf(join(dir, ".git"));
    if (own !== undefined) {
      const shared = readIfThere(join(own, "commondir"))?.trim();
      const common = shared ? resolve(own, shared) : own;
      const way = relative(dirname(common), folder) || "root";
      return { common, name: encodeURIComponent(way).replaceAll("%", "_").slice(-LONGEST) };
    }
    if (dir === dirname(dir)) return undefined;
  }
}

/**
 * Where something of the project at this root is kept out of reach of `git clean`, and not in the
 * project itself: a file or folder of this name. Undefined outside of a repository.
 */
export function besideGit(root: string, what: string): string | undefined {
  const found = commonGitDir(root);
  return found && join(found.common, "overture", found.name, what);
}

function gitDirOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile()) return found?.isDirectory() ? path : undefined;
  const named = /^gitdir: (.+)$/m.exec(readFileSync(path, "utf8"))?.[1];
  return named && resolve(dirname(path), named);
}
