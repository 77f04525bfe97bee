/** What became of a branch that was to be merged. Drawn in docs/merge.md. */
export const MERGE_STATUSES = [
  "merged",
  "up_to_date",
  "conflict",
  "gate_failed",
  "refused",
  "would_merge",
  "would_conflict",
] as const;
export type MergeStatus = (typeof MERGE_STATUSES)[number];

export interface BranchOutcome {
  branch: string;
  /** Whose work it is, from its name; undefined for a person's branch. */
  agent?: string | undefined;
  taskId?: string | undefined;
  status: MergeStatus;
  /** The merge commit that the target was moved to; only for `merged`. */
  commit?: string | undefined;
  /** Files that the merge changes in the target. */
  files: string[];
  conflictFiles: string[];
  /**
   * The gate that failed, with the end of its output and its duration in ms; `withheld` are names
   * of variables that whoever merges has and it had not.
   */
  gate?: { command: string; output: string; ms: number; withheld: string[] } | undefined;
  error?: string | undefined;
  hint?: string | undefined;
  /** What the gates had to do without, one line each. */
  notes?: string[] | undefined;
  /** Why the letters about it could not be sent. */
  unsent?: string | undefined;
}

/** Whose work a branch is: the inverse of `branchOf`; undefined for a person's branch. */
export function workOf(branch: string): { agent: string; task: string } | undefined {
  const [, agent, task] = /^ov\/([^/]+)\/([^/]+)$/.exec(branch) ?? [];
  return agent === undefined || task === undefined ? undefined : { agent, task };
}
