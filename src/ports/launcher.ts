import type { Session } from "../domain/agent.ts";
import type { RunFile, RunLink } from "./runtime.ts";

export interface LaunchFiles {
  /** This incarnation's folder, mode 0700, made by the launcher. */
  dir: string;
  cwd: string;
  argv: readonly string[];
  /** Ours, and what the program is told at this start. */
  env: Readonly<Record<string, string>>;
  /** Of whoever starts it, for restarts too; in a file that only the person can read. */
  kept: Readonly<Record<string, string>>;
  /** The same for this start only: the file is removed as it is read. */
  once: Readonly<Record<string, string>>;
  /** Below `dir`, in folders that are made. */
  files: readonly RunFile[];
  links?: readonly RunLink[] | undefined;
}

/** What the process behind a pane is, by its own files; undefined: not known. */
export interface ProcessFacts {
  pid: number | undefined;
  alive: boolean;
  exitCode: number | undefined;
  /** When the exit code was written down (Unix ms). */
  endedAt: number | undefined;
  /** The session's folder, in which all of this stands, is not there. */
  isGone: boolean;
}

/** The last hook that ran for an agent: its event and the time (Unix ms). */
export interface HookMark {
  event: string;
  /** Our session's id; undefined from a program that a person started. */
  session: string | undefined;
  at: number;
}

/** Starts programs behind panes and reads what is left of them. */
export interface Launcher {
  /** Makes a new folder, private to the person, and returns its path. */
  makeDir(agent: string, generation: number): string;
  /**
   * A key for a session's processes, 192 random bits, with the variable that carries it, and what
   * may be stored of it.
   */
  makeKey(): { variable: string; key: string; hash: string };
  /**
   * Writes the files and the script that a pane runs; returns the script's path. It waits for
   * `begin` before it runs the program, and ends with `UNBORN` when that does not come.
   */
  write(files: LaunchFiles): string;
  /**
   * Writes a script that runs this program outside any tmux, and runs it again where it ends with
   * the exit code `again`; returns its path.
   */
  writeScript(
    path: string,
    argv: readonly string[],
    variables: Readonly<Record<string, string>>,
    again: number,
  ): string;
  /** What was kept of the environment of this session's start; undefined: of an older Overture. */
  kept(session: Session): Readonly<Record<string, string>> | undefined;
  /** Names of the folders of an agent's sessions. */
  folders(agent: string): string[];
  /** Removes one of them with all that is in it. */
  removeFolder(agent: string, folder: string): void;
  /** Whether the session's program may run, or has run. */
  hasBegun(session: Session): boolean;
  /** Lets the script of this folder run its program. */
  begin(dir: string): void;
  process(session: Session): ProcessFacts;
  /** The agent's programs that run, of whatever session, by their own files and not by the store. */
  living(agent: string): { dir: string; pid: number }[];
  /**
   * The code that the pane's script writes down just after its program has ended: waited for a
   * moment. Undefined where the script was killed before it could.
   */
  exitCode(session: Session): Promise<number | undefined>;
  /**
   * Remembers the process of a session that a person started, with its start, so that another
   * process of the same number never counts as it.
   */
  remember(session: Session, pid: number): void;
  /** Lets hooks and commands in the session's pane find out whose they are. */
  announce(session: Session, pid: number): void;
  /** Ends that. */
  forget(session: Session): void;
  hookMark(agent: string): HookMark | undefined;
  /** Lets go what waits beside a session that has ended. */
  letGo(session: Session): void;
  /**
   * Ends the agent's program and its children by pid, first asking; true when it is gone. Throws
   * `refused` where its number counts in another container.
   */
  terminate(session: Pick<Session, "dir">): Promise<boolean>;
}

/** A process that has a terminal's keys. */
export interface Program {
  pid: number;
  argv: string[];
}

/** The processes in the foreground of a terminal (its path), their group's first one first. */
export type Foreground = (tty: string) => Promise<Program[]>;
