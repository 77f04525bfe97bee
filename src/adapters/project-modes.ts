import { chmodSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { listIfThere } from "./files.ts";

/** The folders and files of `.overture` that a clone may bring, and the rights that they may have. */
export function orderPaths(home: string): { path: string; wanted: number }[] {
  const folders = ["roles", "specs"].map((name) => join(home, name));
  const files = folders.flatMap((folder) =>
    listIfThere(folder)
      .filter((name) => name.endsWith(".md"))
      .map((name) => join(folder, name)),
  );
  return [
    ...folders.map((path) => ({ path, wanted: 0o700 })),
    ...[join(home, "config.yaml"), ...files].map((path) => ({ path, wanted: 0o600 })),
  ].filter(({ path }) => isPlain(path));
}

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
