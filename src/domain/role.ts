import { AppError, nearest } from "./errors.ts";
import { checkName } from "./name.ts";

/** What an agent may do in its worktree without asking; its runtime's own rules say how. */
export type Access = "read" | "write";

const READERS: readonly string[] = ["scout", "reviewer"];

/** Scouts and reviewers look; all others write in their own worktree. */
export const accessOf = (role: string): Access => (READERS.includes(role) ? "read" : "write");

/** Roles that have the prompt of another one. */
export const ROLE_ALIASES: Readonly<Record<string, string>> = {
  supervisor: "lead",
  orchestrator: "coordinator",
};

/** Throws `not_found` for a role that has neither a prompt nor a line in the settings. */
export function checkRole(role: string, known: readonly string[]): void {
  if (known.includes(checkName(role, "capability"))) return;
  const near = nearest(role, known);
  const list = `known: ${known.join(", ")}; to make it, write .overture/roles/${role}.md`;
  const hint = near ? `did you mean "${near}"? ${list}` : list;
  throw new AppError("not_found", `unknown capability "${role}"`, hint);
}
