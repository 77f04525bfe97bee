export interface MergeOutcome {
  /** `merged`: a merge commit exists, no ref moved yet. */
  kind: "merged" | "up_to_date" | "conflict";
  /** The new commit (merged) or the target's commit. */
  commit: string;
  conflictFiles: string[];
  filesChanged: string[];
}

export interface Unsaved {
  /** Paths with changes that are in no commit, untracked ones too. */
  dirty: string[];
  /** Commits of the branch that the base does not hold, one line each. */
  unmerged: string[];
}

/** A git repository. Methods throw AppError with git's own words when git refuses. */
export interface Repo {
  readonly root: string;
  /** Commit id of a ref, or undefined. */
  resolve(ref: string): Promise<string | undefined>;
  currentBranch(): Promise<string | undefined>;
  /** Branches of agents (`ov/…`) with commits that `into` does not hold, oldest first. */
  openBranches(into: string): Promise<string[]>;
  addWorktree(path: string, branch: string, base: string): Promise<void>;
  removeWorktree(path: string): Promise<void>;
  deleteBranch(branch: string): Promise<void>;
  worktrees(): Promise<{ path: string; branch: string | undefined }[]>;
  unsaved(worktree: string, branch: string, into: string): Promise<Unsaved>;
  /** Files that differ between the merge base of the two and the branch. */
  changedFiles(branch: string, into: string): Promise<string[]>;
  /** Makes a scratch worktree at a commit, outside every checkout of a person. */
  scratch<T>(commit: string, work: (dir: string) => Promise<T>): Promise<T>;
  /** Merges the branch into what the scratch worktree holds; a conflict is undone. */
  mergeInto(dir: string, branch: string, message: string): Promise<MergeOutcome>;
  /** Runs a gate command there; the output's tail is kept. */
  runGate(dir: string, command: string): Promise<{ ok: boolean; output: string }>;
  /**
   * Moves a branch from `from` to `to`, only if it is still at `from`. Where it is checked out,
   * that checkout follows as by a fast-forward pull: files with a person's changes are never
   * touched; if one would be, nothing moves and `refused` names it.
   */
  advance(branch: string, from: string, to: string): Promise<void>;
}
