import {
  copyFileSync,
  existsSync,
  mkdirSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { AppError } from "../domain/errors.ts";
import type { Context } from "./context.ts";
import { readFileOr } from "./files.ts";

/** The settings file of the person's own sessions in this project, and what our hooks are. */
export async function hookTarget(context: Context, runtime: string) {
  const dialect = await context.hooks(runtime);
  if (dialect.settingsFile === undefined) {
    const message = `only agents that ov sling starts can have hooks in ${runtime}`;
    throw new AppError("refused", message, "ov sling <task> --runtime <name>");
  }
  const named = join(context.project.root, dialect.settingsFile);
  // A link to a file elsewhere stays a link.
  const path = existsSync(named) ? realpathSync(named) : named;
  return { dialect, path, current: readFileOr(path) };
}

/** The old file is kept, the new one appears whole. */
export function replaceFile(context: Context, path: string, text: string): string | undefined {
  let backup: string | undefined;
  let mode = 0o600;
  if (existsSync(path)) {
    const folder = join(context.project.home, "backup");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    backup = join(folder, `${basename(path)}.${new Date().toISOString().replaceAll(":", "-")}`);
    copyFileSync(path, backup);
    mode = statSync(path).mode & 0o777;
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, text, { mode });
  renameSync(`${path}.new`, path);
  return backup;
}
