import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";

/** The executable that a shell would start, or undefined. */
export function findProgram(name: string, path = ""): string | undefined {
  const folders = name.includes("/") ? [""] : path.split(":").filter(Boolean);
  return folders.map((folder) => (folder ? join(folder, name) : name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return false;
  }
}
