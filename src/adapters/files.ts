import { readdirSync, readFileSync } from "node:fs";

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
