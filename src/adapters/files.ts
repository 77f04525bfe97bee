import { readdirSync, readFileSync } from "node:fs";

/** Nothing where there is nothing; any other failure is thrown. */
function unlessMissing<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

export const readIfThere = (path: string): string | undefined =>
  unlessMissing(() => readFileSync(path, "utf8"));

/** The names in a folder; none where it is not there. */
export const listIfThere = (folder: string): string[] =>
  unlessMissing(() => readdirSync(folder)) ?? [];
