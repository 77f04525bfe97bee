/** What an agent may do in its worktree without asking; its runtime's own rules say how. */
export type Access = "read" | "write";

const READERS: readonly string[] = ["scout", "reviewer"];

/** Scouts and reviewers look; all others write in their own worktree. */
export const accessOf = (role: string): Access => (READERS.includes(role) ? "read" : "write");
