import { chmodSync, existsSync, lstatSync, readdirSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { FileMode, ProjectFiles } from "../../ports/doctor.ts";
import { listIfThere, readIfThere } from "../files.ts";
import { isLeft, sweep } from "../git/scratch.ts";
import { cutLog, logsIn } from "../logs.ts";
import type { Project } from "../project.ts";
import { orderPaths } from "../project-modes.ts";
import { deadSockets, removeDead } from "./sockets.ts";

const FOLDERS = ["mail", "hooks", "agents", "worktrees", "tmp", "backup", "adopted"];
const KEPT_BYTES = 1_000_000;

/** The project's folder, read for the doctor. `packaged` holds the role prompts that we bring. */
export function projectFiles(
  { root, home, database, worktrees }: Project,
  packaged: string,
  env: Readonly<Record<string, string | undefined>>,
): ProjectFiles {
  const mail = join(home, "mail");
  const tmp = join(home, "tmp");
  const beside = [`${database}-wal`, `${database}-shm`];
  const logs = logsIn(home);
  const roles = [join(home, "roles"), join(packaged, "roles")].map((folder) => rolesIn(folder));
  return {
    markers: () => listIfThere(mail),
    hasMarker: (recipient) => existsSync(join(mail, recipient)),
    modes() {
      const folders = ["", ...FOLDERS].map((name) => join(home, name));
      // SQLite gives its log the database's rights, and takes both away again.
      const written = [database, ...beside].find((path) => modeOf(path, 0o600).length > 0);
      const store = written ? modeOf(written, 0o600) : [];
      return [
        ...folders.flatMap((path) => modeOf(path, 0o700)),
        ...orderPaths(home).flatMap(({ path, wanted }) => modeOf(path, wanted)),
        ...store.map((row) => ({ ...row, path: database })),
        ...logs.flatMap((path) => modeOf(path, 0o600)),
      ];
    },
    setMode(path, mode) {
      const more = path === database ? beside.filter((one) => existsSync(one)) : [];
      for (const one of [path, ...more]) chmodSync(one, mode);
    },
    sandboxes: () =>
      listIfThere(worktrees).map((name) => {
        const path = join(worktrees, name);
        return { name, path, linked: existsSync(join(path, ".git")) };
      }),
    exists: existsSync,
    scratches: () => listIfThere(tmp).filter(isLeft),
    sweepScratches: () => sweep(root, tmp),
    sockets: (own) => deadSockets(own, env),
    removeSocket: removeDead,
    sizes() {
      const { bavail, bsize } = statfsSync(home);
      return {
        free: bavail * bsize,
        store: bytesOf(database),
        wal: bytesOf(`${database}-wal`),
        logs: logs.map((path) => ({ path, bytes: bytesOf(path) })),
        all: treeBytes(home, worktrees),
      };
    },
    cutLog: (path) => cutLog(path, KEPT_BYTES),
    roles: () => roles.flatMap((found) => found.map(({ role }) => role)),
    brokenIncludes() {
      const known = roles.flatMap((found) => found.map(({ role }) => role));
      return roles[0]!.flatMap(({ role, text }) =>
        [...text.matchAll(/\{\{include ([a-z-]+)\}\}/g)]
          .map(([, include]) => ({ role, include: include! }))
          .filter(({ include }) => !known.includes(include)),
      );
    },
  };
}

function rolesIn(folder: string): { role: string; text: string }[] {
  return listIfThere(folder)
    .filter((name) => name.endsWith(".md"))
    .map((name) => ({
      role: name.slice(0, -".md".length),
      text: readIfThere(join(folder, name)) ?? "",
    }));
}

/** Of another user, or with rights for others; a file that is not there has none. */
function modeOf(path: string, wanted: number): FileMode[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return [];
  const mode = found.mode & 0o777;
  const foreign = process.getuid !== undefined && found.uid !== process.getuid();
  return foreign || (mode & ~wanted) !== 0 ? [{ path, mode, wanted, foreign }] : [];
}

const bytesOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** All below a folder but the worktrees, whose installed packages would take seconds. */
function treeBytes(folder: string, except: string): number {
  let bytes = 0;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const found = path === except ? undefined : lstatSync(path, { throwIfNoEntry: false });
    if (found) bytes += found.isDirectory() ? treeBytes(path, except) : found.size;
  }
  return bytes;
}
