import type { Session } from "../domain/agent.ts";
import type { Dialog } from "../domain/dialog.ts";
import type { Access } from "../domain/role.ts";
import type { Fact } from "../domain/state.ts";
import type { Frame, Row } from "./terminal.ts";

export interface LaunchInput {
  agent: string;
  worktree: string;
  /** This incarnation's folder, mode 0700. */
  dir: string;
  /** Role prompt, appended to the runtime's own system prompt. */
  rolePrompt: string;
  firstPrompt: string;
  /** The folder of a file that the first prompt says to read: the agent may read it unasked. */
  readable?: string | undefined;
  /** Goes on with this conversation of the runtime's own, where it has one of that id. */
  resume: string | undefined;
  access: Access;
  /** The shell command that a hook of ours runs at an event. */
  hookCommand: (event: string) => string;
  /** The MCP server that it is given for this session, and may call unasked. */
  mcp?: McpLaunch | undefined;
  /** Folders outside the worktree that `ov` itself must write to. */
  writable: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  command: string | undefined;
  args: readonly string[];
}

/** How the config starts a runtime. */
export interface Program {
  command: string | undefined;
  args: readonly string[];
}

export interface Question {
  argv: string[];
  env: Record<string, string>;
}

export interface ScreenReading {
  /** What takes the keys: the composer, a dialog, or nothing that is known. */
  focus: "composer" | "dialog" | "none";
  /** Set exactly when the focus is a dialog. */
  dialog: Dialog | undefined;
  /** What stands in the composer, without placeholder or ghost text. */
  draft: string;
  /** The composer's last row as it stands, where the cursor does not follow what is typed. */
  lastRow?: Row | undefined;
  busy: boolean;
  compacting: boolean;
  /** Words for a person: the dialog's question, the error line. */
  detail: string;
  error: boolean;
}

export interface HookCall {
  event: string;
  runtimeSession: string | undefined;
  transcript: string | undefined;
  prompt: string | undefined;
  /** The runtime says that this stop already went on because of a stop hook. */
  stopActive: boolean;
  /** What is said at this event is cut by its bytes, not by its letters. */
  inBytes?: boolean;
}

/** The hook entries of a runtime: which events, and in which form a hook speaks. */
export interface HookDialect {
  /**
   * Settings file for a person's own sessions, relative to the project root. Undefined: only the
   * sessions that we start can have them, and nothing is installed.
   */
  settingsFile: string | undefined;
  events: readonly string[];
  /** Settings text with our hooks beside what is there. `command(event)` is a shell command. */
  install(current: string | undefined, command: (event: string) => string): string;
  /** The same without ours. */
  uninstall(current: string): string;
  /** Events for which our hook is present. */
  present(current: string): string[];
  parse(stdin: string, event: string): HookCall;
  /** What a hook must print so that `text` reaches the model at this event. */
  say(event: string, text: string): string;
}

/** How a composer takes letters that are typed into it (`src/domain/typed.ts`). */
export interface Typing {
  /** A paste of many lines stays one draft; else letters are typed on one line. */
  lines: boolean;
  /** Most characters of one typed text; a longer letter is cut, with the command that prints it. */
  room: number;
  /** What stands in the composer for a long paste. A space in it may have become a line break. */
  token: RegExp | undefined;
}

/** One kind of agent program. Facts about it carry the version that they were measured on. */
export interface Runtime {
  readonly name: string;
  /** The version that its facts were measured on. */
  readonly measured: string;
  /** What is looked for on PATH where the config names no command. Undefined: a part of Overture. */
  readonly program: string | undefined;
  /**
   * Its own variables, by name or by a beginning with `*`: kept for restarts, with the keys in them.
   */
  readonly variables?: readonly string[];
  /** From its start to the moment at which it can take a prompt, as measured (ms). */
  readonly startMs: number;
  /** Names of the foreground program while the agent runs. */
  readonly commands: readonly string[];
  /** Undefined: it has no hooks, and letters are typed. */
  readonly hooks: HookDialect | undefined;
  /** Time between a visible paste and Enter, in ms. */
  readonly settleMs: number;
  readonly typing: Typing;
  launch(input: LaunchInput): LaunchPlan;
  /** Whether the program still has this ended session's conversation. Undefined: it never has. */
  resumes?(session: Session): boolean;
  /**
   * The command line that puts a question to an ended session's conversation in a fork of it
   * that may change nothing: neither the conversation nor a file. Undefined: it cannot.
   */
  question?(session: Session, text: string, program: Program): Question;
  /** Whether a process of this command line is this program. */
  isProgram(argv: readonly string[]): boolean;
  read(frame: Frame): ScreenReading;
  /** Another width makes it draw its whole screen, as measured, so what nobody can read may heal. */
  readonly redraws?: true;
  /** What the program itself writes down about its state; empty when nothing is there. */
  facts(session: Session, env: Env, pid: number): RuntimeFacts | Promise<RuntimeFacts>;
  /** Where the program has a door of its own for a turn. */
  readonly bell?: Bell;
  /** How Escape ends a turn. Undefined: it is not known, and Escape is never pressed. */
  readonly interrupt?: Interrupt;
  /**
   * Commands of the program's own that may be typed for a person, and what a line of the screen
   * says once one was taken; for those that shorten the conversation, `compacting` will do too.
   */
  readonly ownCommands?: Readonly<Record<string, RegExp>>;
}

/** How Escape ends a turn of a program. */
export interface Interrupt {
  presses: 1 | 2;
  /** Where two are needed: what it shows after the first. */
  again?: RegExp;
  /** The line that it writes for an interrupted turn. */
  shows: RegExp;
  /** What a person should know of it. */
  note?: string;
}

/**
 * A program's own door for a turn, which needs no keys: it makes an idle agent take its mail,
 * leaves a draft as it is, and waits out a dialog.
 */
export interface Bell {
  /** True when the program has taken the call; false when nobody waits there now. */
  ring(session: Session, notice: string): boolean;
  /** Whether the door is there, and takes letters themselves without changing this text. */
  fits(session: Session, text: string): boolean;
  /** Leaves letters behind the door; nobody hears them before `call`. Returns their name there. */
  leave(session: Session, text: string): string;
  /** Calls the program to what was left; where nobody waits that is gone again, and false. */
  call(session: Session, left: string): boolean;
}

/**
 * Takes back letters that were left behind the bell of a session's folder and hold this text.
 * True when nobody has heard them and nobody will.
 */
export type TakeBack = (dir: string, text: string) => boolean;

type Env = Readonly<Record<string, string | undefined>>;

export interface LaunchPlan {
  argv: string[];
  /** Folders that come first on the agent's PATH. */
  path: string[];
  /** Beside what every agent gets. */
  env?: Record<string, string>;
  files: RunFile[];
  links?: RunLink[];
  /** What the program could not be given as an argument: it goes as its first letter. */
  unsaid?: string;
}

/** A link at `path`, below the session's folder. `isFolder`: a missing target is made. */
export interface RunLink {
  path: string;
  target: string;
  isFolder?: boolean;
}

export interface RunFile {
  path: string;
  text: string;
}

export interface RuntimeFacts {
  facts: Fact[];
  runtimeSession: string | undefined;
  /** See `TranscriptHas`. */
  transcript: string | undefined;
}

/** What became of letters that left our hands. */
export interface Proofs extends Secrets {
  oddTranscript: OddTranscript;
  transcriptSecrets: TranscriptSecrets;
  transcriptHas: TranscriptHas;
  transcriptHolds: TranscriptHolds;
  transcriptDropped: TranscriptDropped;
  transcriptUndoes: TranscriptUndoes;
  takeBack: TakeBack;
  isAlive: (pid: number) => boolean;
}

/** Of each offer of messages: the text carries the secret, and the store keeps its hash. */
export interface Secrets {
  newSecret: () => string;
  /** SHA-256, in hexadecimal. */
  hashOf: (secret: string) => string;
}

/**
 * The secrets of all reply lines that stand anywhere in a transcript (`domain/reply-line.ts`), by
 * the id of their message.
 */
export type TranscriptSecrets = (transcript: string) => Promise<Map<string, Set<string>>>;

/**
 * Those of the needles that a transcript holds. A transcript is named by a file's path, by
 * `opencode:<database>#<session>`, `gemini:<path>` or `codex:<path>`. One that is not there holds
 * none.
 */
export type TranscriptHas = (
  transcript: string,
  needles: readonly string[],
) => Promise<Set<string>>;

/**
 * Whether a conversation holds this text for the next call of the model, though no answer shows
 * yet that the model was given it: while the session lives, it must not be given again.
 */
export type TranscriptHolds = (transcript: string, needle: string) => Promise<boolean>;

/**
 * Whether this text, which went in by `door`, was taken back from the conversation after `since`
 * (Unix ms), with its turn: then it is not in the agent, and will not be unless it is given again.
 */
export type TranscriptDropped = (
  transcript: string,
  needle: string,
  offer: { since: number; door: string | null },
) => Promise<boolean>;

/** Why this cannot be a transcript, in words; undefined: it can. */
export type OddTranscript = (transcript: string) => string | undefined;

/** Whether a turn may be taken back also after the model has answered in it, until it is over. */
export type TranscriptUndoes = (transcript: string) => Promise<boolean>;

/** How a client starts `ov mcp`. */
export interface McpServer {
  command: string;
  args: readonly string[];
}

/** With what a client must set in its environment: some give a server none of their own. */
export interface McpLaunch extends McpServer {
  env: Readonly<Record<string, string>>;
}

/** Where a runtime's own sessions in a project find MCP servers. */
export interface McpSettings {
  /** Relative to the project root. */
  file: string;
  /** Text with our server beside what is there. Throws `refused` where another has its name. */
  install(current: string | undefined, server: McpServer): string;
  /** The same without ours. */
  uninstall(current: string): string;
  present(current: string | undefined): boolean;
}
