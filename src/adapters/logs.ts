import { readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const LOGS = ["deliver.log", "hooks.log", "errors.log"];

/** What of Overture itself is written down in a project's folder, beside the store. */
export const logsIn = (home: string): string[] => LOGS.map((name) => join(home, name));

/** Keeps the newest of a log, in place: who has it open appends to it. */
export function cutLog(path: string, bytes: number): void {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) <= bytes) return;
  const text = readFileSync(path).subarray(-bytes);
  truncateSync(path);
  writeFileSync(path, text, { flag: "a" });
}
