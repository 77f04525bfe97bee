import type { Backup } from "../domain/backup.ts";
import type { Delivery } from "../domain/delivery.ts";

/** A program on this machine; `path` is undefined where it is not found. */
export interface Installed {
  name: string;
  path: string | undefined;
  version: string | undefined;
  /** What to type to get it. */
  install: string;
}

/** One that Overture itself runs. */
export interface Programs {
  git: Installed;
  tmux: Installed;
  ps: Installed;
}

/** What a throwaway server of the installed tmux did wrong; null: it could not be tried. */
export interface TmuxTrial {
  /** What to set, where the project's socket cannot be made. */
  fix?: string | undefined;
  opens: string | undefined;
  utf8: string | undefined | null;
  title: string | undefined | null;
  guard: string | undefined | null;
  search: string | undefined | null;
  paste: string | undefined | null;
}

/** A hook that was run in a project of its own. */
export interface HookTrial {
  runtime: string;
  event: string;
  command: string;
  /** What went wrong; undefined: it printed the letter. */
  wrong: string | undefined;
  ms: number;
}

export interface HookTrials {
  /** With a letter waiting. */
  loud: HookTrial[];
  /** With none: says nothing and starts no Node. */
  silent: HookTrial[];
}

/** Entries of ours in a runtime's settings file. */
export interface HookFile {
  runtime: string;
  path: string;
  /** Why it cannot be read, in words. */
  unreadable: string | undefined;
  commands: string[];
  missing: string[];
  /** Whether installing again would change it. */
  outdated: boolean;
}

/** Hooks of Overstory in a settings file. */
export interface OldHooks {
  path: string;
  /** Their commands. */
  lines: string[];
}

/** A program that a hook of ours starts, as its command names it. */
export interface HookProgram {
  /** The settings file, or the agent whose session it belongs to. */
  where: string;
  program: string;
  there: boolean;
  /** Whether it is the program that runs now. */
  own: boolean;
}

/** A runtime's login and trust as its files and the environment say; no secret is read out. */
export interface RuntimeStanding {
  runtime: string;
  /** Where the login was found; undefined: nowhere; null: it cannot be told. */
  login: string | undefined | null;
  /** The places that were looked at. */
  looked: string;
  /** Undefined: it cannot be told, or the runtime asks for none. */
  trusted: boolean | undefined;
  /** What to type to log in. */
  how: string;
}

export type StoreState = "ok" | "missing" | "empty" | "broken" | "newer" | "unreadable";

/** A store's file as it is, seen without writing to it. */
export interface StoreReport {
  state: StoreState;
  /** SQLite's own words where it is not well. */
  detail: string;
  /** What to do where the disk or its rights are in the way. */
  fix?: string | undefined;
  version: number;
  known: number;
  /** Rows that refer to rows that are not there. */
  references: string[];
  /** Where a newer Overture wrote it: the backup that was made before, and what that one lacks. */
  before?: StoreBefore | undefined;
  /** Where an older copy of the store stands in its place: the newest backup, which knows more. */
  ahead?: Restorable | undefined;
  /** The newest backup that is whole and can be opened. Asked only where it is needed. */
  restorable?: (() => Restorable | undefined) | undefined;
}

/** A backup that can be put in the store's place. */
export interface Restorable extends Backup {
  /** How many messages are in it. */
  messages: number;
}

/** A store as it was before a newer Overture changed it. */
export interface StoreBefore extends Backup {
  /** Messages that were stored since, and are in the newer store alone. */
  lacks: number;
  /** Living processes that hold leases in the newer store. */
  owners: string[];
}

/** A process of another version of Overture that works in this project. */
export interface OldProcess {
  pid: number;
  /** What it was called with, as `watch`. */
  verb: string;
  why: string;
}

export interface LeaseRow {
  name: string;
  owner: string;
  until: number;
}

export interface Impossible {
  id: string;
  recipient: string;
  state: string;
  why: string;
  mendable: boolean;
}

/** Questions about the store that only the doctor asks, and the repairs that go with them. */
export interface Ledger {
  /** Names with a letter that is queued, or leased or offered. */
  open(): { recipient: string; queued: boolean }[];
  impossible(): Impossible[];
  leases(): LeaseRow[];
  /** Letters whose lease ran out before this time. */
  overdue(before: number): { recipient: string; id: string; until: number }[];
  dead(): { id: string; recipient: string; reason: string | null }[];
  /** Queued letters from before this time, oldest first. */
  waiting(before: number): { delivery: Delivery; sender: string; createdAt: number }[];
  /** Gives letters without an end of their lease one, so that recovery looks at them. */
  endLeases(id: string, recipient: string): void;
  dropLease(row: LeaseRow): void;
  /** Moves what the write-ahead log holds into the database, and cuts the log. */
  checkpoint(): void;
  close(): void;
}

export interface FileMode {
  path: string;
  mode: number;
  wanted: number;
  /** Another user's, as after a call with sudo. */
  foreign: boolean;
}

/** A branch `ov/<agent>/<task>`. */
export interface OwnBranch {
  branch: string;
  merged: boolean;
}

/** What the project's folder holds. */
export interface ProjectFiles {
  markers(): string[];
  hasMarker(recipient: string): boolean;
  /** Those with other rights than ours. */
  modes(): FileMode[];
  setMode(path: string, mode: number): void;
  /** Folders in `.overture/worktrees`, and whether each says to which repository it belongs. */
  sandboxes(): { name: string; path: string; linked: boolean }[];
  exists(path: string): boolean;
  /** Scratch worktrees of merges whose process has ended. */
  scratches(): string[];
  sweepScratches(): Promise<void>;
  /** Forgotten sockets of teams, without a server; never our own. */
  sockets(own: readonly string[]): Promise<string[]>;
  removeSocket(path: string): Promise<void>;
  /** Bytes. */
  sizes(): {
    free: number;
    store: number;
    wal: number;
    logs: { path: string; bytes: number }[];
    all: number;
  };
  /** Keeps the end of a log. */
  cutLog(path: string): void;
  /** Names of role prompts that a project may use, its own and ours. */
  roles(): string[];
  /** Role prompts of the project that include one that is not there. */
  brokenIncludes(): { role: string; include: string }[];
}
