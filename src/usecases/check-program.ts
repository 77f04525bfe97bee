import { AppError } from "../domain/errors.ts";
import type { Runtime } from "../ports/runtime.ts";

export interface ProgramTools {
  /** The executable that a shell would start with this PATH. */
  findProgram: (name: string, path: string) => string | undefined;
  /** What to type to get a runtime's program. */
  installLine: (runtime: string) => string;
}

/**
 * Throws `refused`, with what to type, unless the program of this runtime is there on the PATH that
 * its agent will have. A path below the worktree, which may not be there yet, is not looked at.
 */
export function checkProgram(
  { findProgram, installLine }: ProgramTools,
  { name, program }: Runtime,
  command: string | undefined,
  path: string,
): void {
  const wanted = command ?? program;
  if (wanted === undefined || (wanted.includes("/") && !wanted.startsWith("/"))) return;
  if (findProgram(wanted, path) !== undefined) return;
  const where = wanted.startsWith("/") ? "is no program that can be run" : "is not on PATH";
  throw new AppError("refused", `${name} cannot be started: ${wanted} ${where}`, installLine(name));
}
