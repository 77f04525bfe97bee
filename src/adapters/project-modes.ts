import { chmodSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { listIfThere } from "./files.ts";

const FOLDERS = ["roles", "specs"];

/** What runs programs or speaks to agents, from `.overture`: settings, roles, specifications. */
export function orderFiles(home: string): string[] {
  const texts = FOLDERS.flatMap((folder) =>
    listIfThere(join(home, folder))
      .filter((name) => name.endsWith(".md"))
      .map((name) => `${folder}/${name}`),
  );
  return ["config.yaml", ...texts.sort()];
}

/** The folders and files of `.overture` that a clone may bring, and the rights that they may have. */
export const orderPaths = (home: string): { path: string; wanted: number }[] =>
  [
    ...FOLDERS.map((name) => ({ path: join(home, name), wanted: 0o700 })),
    ...orderFiles(home).map((name) => ({ path: join(home, name), wanted: 0o600 })),
  ].filter(({ path }) => isPlain(path));

/** No link is followed: what it leads to is not ours. */
function isPlain(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found !== undefined && !found.isSymbolicLink();
}

/** Takes the rights of others away; what the caller does not own stays as it is. */
export function tighten(home: string): void {
  const below = ["", "mail", "hooks", "agents", "worktrees", "tmp"].map((name) => join(home, name));
  const all = below.filter(isPlain).map((path) => ({ path, wanted: 0o700 }));
  for (const { path, wanted } of [...all, ...orderPaths(home)]) {
    const { uid, mode } = lstatSync(path);
    if (uid === process.getuid?.() && (mode & 0o777 & ~wanted) !== 0)
      chmodSync(path, mode & wanted);
  }
}
