import type { GateRoom } from "../domain/gate.ts";
import type { GitSetting } from "../domain/git-settings.ts";
import type { SetUp, SetUpDone } from "../domain/set-up.ts";

export interface MergeOutcome {
  /** `merged`: a merge commit exists, no ref moved yet. */
  kind: "merged" | "up_to_date" | "conflict";
  /** The new commit (merged) or the target's commit. */
  commit: string;
  conflictFiles: string[];
  filesChanged: string[];
}

export interface GateRun {
  ok: boolean;
  /** The end of what it wrote. */
  output: string;
  /** It had to be ended at its limit. */
  timedOut?: true | undefined;
}

export interface Unsaved {
  /** Paths with changes that are in no commit, untracked ones too. */
  dirty: string[];
  /** Commits of the branch and of the checkout that `into` does not hold, one line each. */
  unmerged: string[];
}

export interface Worktree {
  path: string;
  /** Undefined while no branch is checked out there. */
  branch: string | undefined;
  /** The agent whose sandbox it is; undefined for a person's checkout and for scratch. */
  agent: string | undefined;
}

/** Lines are null for a binary file. */
export interface ChangedFile {
  path: string;
  added: number | null;
  deleted: number | null;
}

export interface Changes {
  /** The commit that it is compared with. */
  from: string;
  files: ChangedFile[];
  /** As git writes it: any bytes of a file may stand in it. */
  patch: string;
}

/** What a start has made; null: it took what was there. */
export interface MadePlace {
  worktree: string | null;
  branch: { name: string; commit: string } | null;
}

export interface Undone {
  gone: string[];
  /** With why: somebody has worked there. */
  kept: string[];
}

/** Settings of the repository that make git run a program, as they are and as they once were. */
export interface SettingsNote {
  /** As they are now, hooks too; asks git, which runs nothing of it. */
  find(): Promise<GitSetting[]>;
  /** Undefined: never noted here. */
  noted(): GitSetting[] | undefined;
  /** In a file below the git folder that only its owner can read. */
  note(settings: readonly GitSetting[]): void;
}

/**
 * A git repository. Methods throw AppError with git's own words when git refuses, and `usage`
 * for a branch name that git does not allow. None runs a person's hooks.
 */
export interface Repo {
  readonly root: string;
  readonly settings: SettingsNote;
  /** Commit id of a ref, or undefined. */
  resolve(ref: string): Promise<string | undefined>;
  /** Commit id of a local branch, or undefined. */
  tip(branch: string): Promise<string | undefined>;
  currentBranch(): Promise<string | undefined>;
  /** Branches of agents (`ov/…`) with commits that `into` does not hold, oldest first. */
  openBranches(into: string): Promise<string[]>;
  /** Checks the branch out in a new folder; a branch that does not exist begins at `base`. */
  addWorktree(path: string, branch: string, base: string): Promise<void>;
  /**
   * Throws `refused` when files there are in no commit, unless they may go (`force`), and always
   * when a submodule's commits would be nowhere else.
   */
  removeWorktree(path: string, force?: boolean): Promise<void>;
  /** Moves a worktree with all that is in it. */
  moveWorktree(from: string, to: string): Promise<void>;
  /** Deletes a branch, only if it is still at this commit and checked out nowhere. */
  deleteBranch(branch: string, at: string): Promise<void>;
  /**
   * Removes a worktree and a branch that a start has made, whole or half, and nothing that somebody
   * has worked on.
   */
  undo(place: MadePlace): Promise<Undone>;
  worktrees(): Promise<Worktree[]>;
  /** Joins git and our worktrees again after the project's folder was moved; never in a copy. */
  repairMoved(): Promise<void>;
  /** Whether another checkout of this repository is a project of its own. */
  isShared(): Promise<boolean>;
  /** What is in this worktree or branch and nowhere in `into`. A missing folder holds nothing. */
  unsaved(worktree: string, branch: string | undefined, into: string): Promise<Unsaved>;
  /** Files and whole folders (`x/`) of a checkout that git is told to ignore, and so in no commit. */
  ignored(worktree: string): Promise<string[]>;
  /** Files that differ between the merge base of the two and the branch. */
  changedFiles(branch: string, into: string): Promise<string[]>;
  /**
   * What the branch changed since it left `base`; with a worktree that is there, what stands in it
   * now, committed or not. Writes nothing there.
   */
  changes(branch: string, base: string, worktree: string | undefined): Promise<Changes>;
  /** Makes a scratch worktree at a commit, outside every checkout of a person. */
  scratch<T>(commit: string, work: (dir: string) => Promise<T>): Promise<T>;
  /** Merges the branch into what the scratch worktree holds; a conflict is undone. */
  mergeInto(dir: string, branch: string, message: string): Promise<MergeOutcome>;
  /**
   * Makes a new worktree ready: its submodules from repositories of this machine, then files of
   * the project's checkout, then commands, which for the gates of a merge have the same room.
   * Throws `refused` for a path that leads elsewhere.
   */
  setUp(dir: string, plan: SetUp, room?: GateRoom): Promise<SetUpDone>;
  /**
   * Copies the commits of submodules that only this worktree holds into the project's own
   * repositories of them. Returns those that it cannot, one line each.
   */
  keepSubmodules(worktree: string): Promise<string[]>;
  /** Runs a gate command there; all of its process group has ended when it took too long. */
  runGate(dir: string, command: string, room: GateRoom): Promise<GateRun>;
  /**
   * Moves a branch from `from` to `to`, only if it is still at `from`. Where it is checked out,
   * that checkout follows as by a fast-forward pull: files with a person's changes are never
   * touched; if one would be, nothing moves and `refused` names it.
   */
  advance(branch: string, from: string, to: string): Promise<void>;
}
