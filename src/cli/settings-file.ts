import {
  copyFileSync,
  existsSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Context } from "./context.ts";
import { readFileOr } from "./files.ts";

export interface SettingsFile {
  path: string;
  current: string | undefined;
}

/** A settings file of a person's program in this project. */
export function settingsFile(context: Context, file: string): SettingsFile {
  const named = join(context.project.root, file);
  // A link to a file elsewhere stays a link.
  const path = existsSync(named) ? realpathSync(named) : named;
  return { path, current: readFileOr(path) };
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
  const backup = join(folder, `${basename(path)}.${at}`);
  copyFileSync(path, backup);
  return backup;
}
