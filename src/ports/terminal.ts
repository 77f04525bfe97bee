import type { PaneRef } from "../domain/agent.ts";

/** What a pane is, as its server says now. */
export interface PaneFacts {
  pane: string;
  panePid: number;
  serverPid: number;
  serverStart: number;
  mark: string;
  dead: boolean;
  inMode: boolean;
  inputOff: boolean;
  synchronized: boolean;
  /** Id of what was typed into it last, and of what Enter was last pressed for; else empty. */
  typed: string;
  entered: string;
  /** Name of the foreground program. */
  command: string;
}

/** The visible frame, with SGR escapes, never the scrollback. */
export interface Frame extends PaneFacts {
  lines: string[];
  /** Path of its terminal. */
  tty: string;
  cursorX: number;
  cursorY: number;
  title: string;
  width: number;
}

/** Why a pane cannot be looked at though its server may live, and what to type. */
export interface Unreached {
  why: string;
  fix: string;
  /** `restore` may have it back. */
  mends: boolean;
}

/**
 * What a look at a pane shows: its frame, or what is proved to be gone, or why neither is known. A
 * pane is gone where its own server says so, and a server where its process has ended.
 */
export interface Look {
  frame?: Frame | undefined;
  gone?: "pane" | "server" | undefined;
  unreached?: Unreached | undefined;
}

/** A pane that is not known yet, by its id alone. */
export interface FoundPane extends PaneFacts {
  /** The path of its server's socket, and what tells that server from a later one. */
  socket: string;
  serverBorn: string | undefined;
  /** Path of its terminal. */
  tty: string;
  cwd: string;
}

/** Why a guarded write was refused; nothing was written. */
export type Refusal =
  | "pane_gone"
  | "pane_mode"
  | "input_off"
  | "panes_synchronized"
  | "not_the_agent"
  | "input_unread"
  | "screen_changed";

export type WriteResult = { ok: true } | { ok: false; refusal: Refusal };

/** A row of the screen, from 0 at its top, and what stands in it. */
export interface Row {
  y: number;
  text: string;
}

export interface Guard {
  /** Names that the foreground program may have. */
  commands: readonly string[];
  /** Leave copy mode and the like in the same step as the write. */
  leaveMode: boolean;
  /**
   * Where the program's cursor stood at the look on which this write was decided. It moves with
   * every key that reaches a composer, and for a dialog. Undefined: wherever it is. `row`: the
   * composer's last row, where the program's own cursor stays behind.
   */
  cursor?: { x: number; y: number; row?: Row | undefined };
  /**
   * The pane's terminal: nothing is written while its program has input that it has not read. A
   * program that is held up reads later, in order: what the screen shows is older than that input.
   */
  tty?: string;
}

/**
 * Every key that is ever pressed. Ctrl+C is not among them. Escape is pressed for a person who asks
 * for it by `ov interrupt`, and never otherwise.
 */
export type Key = "Enter" | "Up" | "Down" | "Left" | "Right" | "Escape";

/**
 * Panes of one multiplexer. Every write is one atomic step with its guard: it happens to exactly
 * this pane of this server in a state where it is safe, or not at all. No method throws for a
 * missing pane or server; they throw for a multiplexer
 * that cannot be run or asked: a failed question is no proof that a pane is gone.
 */
export interface Terminal {
  /** Throws `refused` where no server can have its socket here, before anything is made for it. */
  check(socket: string): void;
  /** Throws `refused` where the multiplexer is not installed. */
  checkProgram(): void;
  open(spec: {
    socket: string;
    window: string;
    cwd: string;
    script: string;
    mark: string;
  }): Promise<PaneRef>;
  /**
   * Runs another script in exactly this pane, in place of what runs there now, and marks it anew,
   * in one step; `window` is its name from then on. Undefined, and nothing changed, where the pane
   * is gone or is another one.
   */
  reopen(
    pane: PaneRef,
    spec: { window: string; script: string; mark: string },
  ): Promise<PaneRef | undefined>;
  /** Whether the server of this pane still runs, with the pane or without, reachable or not. */
  serves(pane: PaneRef): boolean;
  /**
   * Lets the server of this pane make its socket's file again, where that is gone; true when it
   * answers there now.
   */
  restore(pane: PaneRef): Promise<boolean>;
  /** The pane that `open` would collide with. */
  named(socket: string, window: string): Promise<PaneRef | undefined>;
  /** What these panes show, in this order, by one question a server. Never throws. */
  look(panes: readonly PaneRef[]): Promise<Look[]>;
  /**
   * Its visible lines and up to so many that have scrolled away above them, with SGR escapes.
   * Undefined where the pane is not there.
   */
  history(pane: PaneRef, lines: number): Promise<string[] | undefined>;
  /**
   * Makes the program of exactly this pane draw its whole screen: no key, but a width of one column
   * less for a second. False, and nothing changed, where the pane is gone, is in a mode, or is not
   * alone in its window.
   */
  redraw(pane: PaneRef): Promise<boolean>;
  paste(pane: PaneRef, text: string, guard: Guard): Promise<WriteResult>;
  /**
   * Pastes a head and a body as two pastes, so that the head stays readable where a long paste
   * is shown as a token. The pane remembers `id` in the same step: it says `typed` exactly when
   * the text has gone to the program.
   */
  type(
    pane: PaneRef,
    text: { id: string; head: string; body: string },
    guard: Guard,
  ): Promise<WriteResult>;
  /** With `id`, the pane remembers in the same step that Enter was pressed for it. */
  press(pane: PaneRef, key: Key, guard: Guard, id?: string): Promise<WriteResult>;
  /** Undefined when there is no such pane or server. */
  find(socket: string, pane: string): Promise<FoundPane | undefined>;
  /** Every pane of a server; none where no server runs. */
  panes(socket: string): Promise<FoundPane[]>;
  /** Marks a pane that still has the mark `old` (empty: none); false when it has another. */
  mark(pane: PaneRef, old: string): Promise<boolean>;
  /** Takes the mark and all that was remembered from exactly this pane. */
  unmark(pane: PaneRef): Promise<void>;
  /** Also where its server cannot be asked: by the pane's own process. */
  close(pane: PaneRef): Promise<boolean>;
  /** Devices of the terminals that are attached to this server; none where it is not there. */
  attached(socket: string): Promise<string[]>;
  /** Words in the status line of all sessions of a server; no pane changes its size by it. */
  show(socket: string, words: string): Promise<void>;
  /** The argv of an interactive attach, for the caller to run with the person's terminal. */
  attachCommand(pane: PaneRef): string[];
}
