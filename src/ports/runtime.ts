import type { Session } from "../domain/agent.ts";
import type { Fact } from "../domain/state.ts";
import type { Frame } from "./terminal.ts";

export interface LaunchInput {
  agent: string;
  worktree: string;
  /** This incarnation's folder, mode 0700. */
  dir: string;
  /** Role prompt, appended to the runtime's own system prompt. */
  rolePrompt: string;
  firstPrompt: string;
  /** Path of the hooks file in the runtime's form, already written. */
  settings: string;
  command: string | undefined;
  args: readonly string[];
}

export interface ScreenReading {
  /** What takes the keys: the composer, a dialog, or nothing that is known. */
  focus: "composer" | "dialog" | "none";
  /** What stands in the composer, without placeholder or ghost text. */
  draft: string;
  busy: boolean;
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
}

/** The hook entries of a runtime: which events, and in which form a hook speaks. */
export interface HookDialect {
  /** Settings file for a person's own sessions, relative to the project root. */
  settingsFile: string;
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

/** One kind of agent program. Facts about it carry the version that they were measured on. */
export interface Runtime {
  readonly name: string;
  readonly measured: string;
  /** Names of the foreground program while the agent runs. */
  readonly commands: readonly string[];
  readonly hooks: HookDialect;
  /** Time between a visible paste and Enter, in ms. */
  readonly settleMs: number;
  launch(input: LaunchInput): LaunchPlan;
  read(frame: Frame): ScreenReading;
  /** What the program itself writes down about its state; empty when nothing is there. */
  facts(session: Session, env: Record<string, string | undefined>, pid: number): RuntimeFacts;
  /** Those of the needles that the transcript holds. A missing transcript holds none. */
  transcriptHas(transcript: string, needles: readonly string[]): Promise<Set<string>>;
}

export interface LaunchPlan {
  argv: string[];
  /** Folders that come first on the agent's PATH. */
  path: string[];
  files: RunFile[];
}

export interface RunFile {
  path: string;
  text: string;
}

export interface RuntimeFacts {
  facts: Fact[];
  runtimeSession: string | undefined;
  transcript: string | undefined;
}
