import { readFileSync } from "node:fs";

/** A file's text, or undefined when there is none. */
export function readFileOr(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
