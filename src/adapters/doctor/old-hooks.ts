import { existsSync } from "node:fs";
import { join } from "node:path";
import { overstoryLines } from "../../domain/overstory.ts";
import type { OldHooks } from "../../ports/doctor.ts";
import { readIfThere } from "../files.ts";

const SETTINGS = [".claude/settings.local.json", ".claude/settings.json"];

/** Hooks of Overstory in the settings of these folders: a project's, its worktrees', the home. */
export function oldHooks(folders: readonly string[]): OldHooks[] {
  return folders.flatMap((folder) =>
    SETTINGS.flatMap((name) => {
      const path = join(folder, name);
      const lines = overstoryLines(readIfThere(path) ?? "");
      return lines.length > 0 ? [{ path, lines }] : [];
    }),
  );
}

/** The folder of an Overstory project, where there is one. */
export function overstoryFolder(root: string): string | undefined {
  const path = join(root, ".overstory");
  return existsSync(path) ? path : undefined;
}

/** Lines of a log that begin with a time which is not before this one (ISO 8601). */
export function linesSince(path: string, since: string): string[] {
  const lines = (readIfThere(path) ?? "").split("\n");
  return lines.filter((line) => /^\d{4}-\d\d-\d\dT/.test(line) && line >= since);
}

/** The Node that worked last in this project; bin/ov reads it. */
export const keptNode = (home: string): string | undefined =>
  readIfThere(join(home, "node"))?.split("\n")[0];
