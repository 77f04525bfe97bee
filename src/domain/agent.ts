import type { Ending } from "./ending.ts";

export const AGENT_KINDS = ["local", "remote", "human", "external", "system"] as const;
/** `external` is a name that only ever sent mail; groups leave it and `system` out. */
export type AgentKind = (typeof AGENT_KINDS)[number];

export interface Agent {
  name: string;
  kind: AgentKind;
  /** `coordinator`, `lead`, `builder`, `scout`, `reviewer`, `merger`, … or `none`. */
  role: string;
  parent: string | null;
  depth: number;
  runtime: string | null;
  task: string | null;
  /** Absolute paths and git names; null for an agent without a sandbox. */
  worktree: string | null;
  branch: string | null;
  baseBranch: string | null;
  /** Its first prompt: the task in the words that it was given in. */
  brief: string | null;
  createdAt: number;
}

/** One incarnation of a local agent: a program in a pane. */
export interface Session {
  id: string;
  agent: string;
  /** Counts the agent's incarnations from 1. */
  generation: number;
  runtime: string;
  pane: PaneRef;
  /** Folder of this incarnation's files: launch script, pid, exit code, hook marks. */
  dir: string;
  /** A person started its program and `ov adopt` found it: neither it nor its pane is ours to end. */
  adopted: boolean;
  /** The runtime's own id and transcript path, once known. */
  runtimeSession: string | null;
  transcript: string | null;
  startedAt: number;
  endedAt: number | null;
  /** How it ended; null while it lives. */
  ending: Ending | null;
  /** `ov stop` was asked for, also after it had ended: it gets a successor only by name. */
  closed: boolean;
}

/**
 * A pane that cannot be mistaken: pane ids restart at %0 with a new server (tmux 3.3a), so
 * the server's pid and start time and the pane's first process belong to the identity.
 */
export interface PaneRef {
  /** The path of its socket (`-S`); of sessions before 2026-11 a name below tmux's folder (`-L`). */
  socket: string;
  /** Tells the server's process from a later one of its number; absent in older sessions. */
  serverBorn?: string | undefined;
  serverPid: number;
  serverStart: number;
  pane: string;
  panePid: number;
  /** Session id, kept in the pane option `@ov_session`. */
  mark: string;
}
