import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { AppError } from "../domain/errors.ts";
import type { Context } from "./context.ts";
import { readFileOr } from "./files.ts";

export interface SettingsFile {
  path: string;
  current: string | undefined;
}

/** A settings file of a person's program in this project. */
export function settingsFile(context: Context, file: string): SettingsFile {
  const path = targetOf(existing(join(context.project.root, file)));
  const found = statSync(path, { throwIfNoEntry: false });
  if (found && !found.isFile()) {
    throw new AppError("refused", `${path} is no file`, "move what is there away first");
  }
  return { path, current: readFileOr(path) };
}

/** OpenCode reads `opencode.jsonc` as well. */
const existing = (path: string): string =>
  !existsSync(path) && existsSync(`${path}c`) ? `${path}c` : path;

const LINKS_MAX = 40;

/** A link to a file elsewhere stays a link, also where that file is not there yet. */
function targetOf(named: string): string {
  let path = named;
  for (let i = 0; i < LINKS_MAX; i++) {
    if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return path;
    path = resolve(dirname(path), readlinkSync(path));
  }
  throw new AppError("refused", `${named} is a link that leads to itself`, "repair it first");
}

/** The old file is kept, the new one appears whole. Returns where the old one is. */
export function replace(context: Context, path: string, text: string): string | undefined {
  const backup = keep(context, path);
  const mode = backup === undefined ? 0o600 : statSync(path).mode & 0o777;
  mkdirSync(dirname(path), { recursive: true });
  try {
    writeFileSync(`${path}.new`, text, { mode });
    renameSync(`${path}.new`, path);
  } finally {
    // As on a full disk.
    rmSync(`${path}.new`, { force: true });
  }
  return backup;
}

export function remove(context: Context, path: string): string | undefined {
  const backup = keep(context, path);
  rmSync(path, { force: true });
  return backup;
}

function keep(context: Context, path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const folder = join(context.project.home, "backup");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const at = new Date().toISOString().replaceAll(":", "-");
  // Two changes within a millisecond are two copies.
  const taken = readdirSync(folder).filter((name) => name.startsWith(`${basename(path)}.${at}`));
  const backup = join(folder, `${basename(path)}.${at}${taken.length ? `-${taken.length}` : ""}`);
  copyFileSync(path, backup);
  return backup;
}
