import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** No file of this path is there; a name that is too long for a file system has none. */
export const isMissing = (error: unknown): boolean =>
  /^(ENOENT|ENOTDIR|ENAMETOOLONG)$/.test(String((error as NodeJS.ErrnoException).code));

/** Nothing where there is nothing; any other failure is thrown. */
function unlessMissing<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export const readIfThere = (path: string): string | undefined =>
  unlessMissing(() => readFileSync(path, "utf8"));

/** The names in a folder; none where it is not there. */
export const listIfThere = (folder: string): string[] =>
  unlessMissing(() => readdirSync(folder)) ?? [];

/**
 * Writes a file for the caller alone (0600, its folder 0700), which appears whole: somebody may read
 * it at any moment, and two processes that write it share no half of it.
 */
export function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const part = `${path}.${process.pid}`;
  writeFileSync(part, text, { mode: 0o600 });
  renameSync(part, path);
}
