import { existsSync } from "node:fs";
import { join } from "node:path";

/** What a person types for this program: `ov`, or its whole path when no `ov` is on PATH. */
export function typedName(path: string | undefined, bin: string): string {
  const folders = (path ?? "").split(":").filter(Boolean);
  return folders.some((folder) => existsSync(join(folder, "ov"))) ? "ov" : bin;
}
