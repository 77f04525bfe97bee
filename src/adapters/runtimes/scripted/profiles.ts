/** Ways in which real agents differ, as far as they matter for delivery; times in ms. */
export interface Habits {
  /** An Enter this soon after a paste is lost. */
  swallowEnterMs: number;
  /** An Enter this soon after the start is lost. */
  readyMs: number;
  /** A permission dialog waits until nobody typed for this long (at most three times as long). */
  dialogHoldMs: number;
  /** An Enter this soon after a dialog opened is lost; an arrow is not. */
  dialogDeafMs: number;
  /** Each key takes so long to be read, one after another, as of a program that is held up. */
  keyMs: number;
  /** SIGUSR2 holds it up for so long. */
  hangMs: number;
  /** The empty composer shows a dim suggestion. */
  placeholder: boolean;
  /** A paste of so many lines, or of more characters, stands as a token; 0: never. */
  collapseLines: number;
  collapseChars: number;
  /** A paste is shown so late for each thousand of its characters. */
  pasteDelayMs: number;
  /** Enter while an answer streams cuts it and begins a turn; Tab queues. Else Enter queues. */
  enterCuts: boolean;
  /** Up takes the queue back with what its hooks added, Esc begins its turn; both are told. */
  tellsQueue: boolean;
  /** A typed `y` approves the dialog. */
  typedYes: boolean;
  /** So many stops in a row may be told "not yet"; the next ends the turn. 0: no end. */
  stopBlocks: number;
  /** A stop runs no hook that could say "not yet". */
  stopsUnasked: boolean;
  /** What each hook costs beside its own time. */
  hookMs: number;
  /** Others may read its state from its session file. */
  tellsState: boolean;
  /** When a waiter is put behind its bell; never: it has none. */
  bell: "never" | "after a stop" | "always";
}

const PLAIN: Habits = {
  swallowEnterMs: 40,
  readyMs: 150,
  dialogHoldMs: 500,
  dialogDeafMs: 0,
  keyMs: 0,
  hangMs: 2_000,
  placeholder: false,
  collapseLines: 4,
  collapseChars: 800,
  pasteDelayMs: 0,
  enterCuts: false,
  tellsQueue: false,
  typedYes: false,
  stopBlocks: 9,
  stopsUnasked: false,
  hookMs: 0,
  tellsState: true,
  bell: "never",
};

/**
 * The habits of the real agents, measured in tmux 3.3a on Claude Code 2.1.329, Codex 0.169.0,
 * Gemini CLI 0.61.0 and OpenCode 1.18.33; `plain` is what they share.
 */
export const PROFILES: Readonly<Record<string, Habits>> = {
  plain: PLAIN,
  // asyncRewake wakes it beside a draft; Enter right after a paste was never lost (600 of 600).
  claude: {
    ...PLAIN,
    ...{ swallowEnterMs: 0, placeholder: true, bell: "after a stop", tellsQueue: true },
  },
  // 134 requests in 9 s from a stop hook that always blocks; a dialog is held back 0.3 to 1.5 s.
  codex: {
    ...PLAIN,
    ...{ swallowEnterMs: 0, placeholder: true, dialogHoldMs: 400, enterCuts: true },
    ...{ typedYes: true, stopBlocks: 0, tellsState: false },
  },
  // Enter within 40 ms of a paste is dropped (0 of 120); about 0.2 s a hook; no hold of a dialog seen.
  gemini: {
    ...PLAIN,
    ...{ swallowEnterMs: 40, placeholder: true, dialogHoldMs: 0, pasteDelayMs: 60 },
    ...{ collapseLines: 0, collapseChars: 0, hookMs: 150, tellsState: false },
  },
  // Its server takes prompts at any time (204 in about 0.2 s); a plugin hears of a stop too late.
  opencode: {
    ...PLAIN,
    ...{ swallowEnterMs: 0, placeholder: true, dialogHoldMs: 0 },
    ...{ stopsUnasked: true, bell: "always" },
  },
};
