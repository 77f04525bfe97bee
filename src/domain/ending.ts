/** Exit code of a session whose program was never run: whoever started it was killed. */
export const UNBORN = 75;

/**
 * How a session ended. `asked`: by `ov stop` or `ov release`. `quit`: a person quit the program,
 * asked it to end, or closed its pane. `crashed`: the program failed or was killed. `lost`: its tmux
 * server is gone, with all its panes. `handed_over`: `ov handoff` ended it for a successor.
 */
export const ENDING_KINDS = ["asked", "quit", "crashed", "lost", "handed_over"] as const;
export type EndingKind = (typeof ENDING_KINDS)[number];

/** Stored once, when the session ends, and never worked out again. */
export interface Ending {
  kind: EndingKind;
  /** In words, for people: `exit code 137`, `its pane was closed`, `timeout`. Nothing reads it. */
  detail: string;
}

/** A person quits a program (0), with Ctrl+C (130), or asks it to end (HUP 129, TERM 143). */
const QUIT: readonly number[] = [0, 129, 130, 143];

export const endingByCode = (exitCode: number): Ending => ({
  kind: QUIT.includes(exitCode) ? "quit" : "crashed",
  detail: `exit code ${exitCode}`,
});

/** An end that nobody wanted: it counts as a crash, and the work waits to be gone on with. */
export const isCrash = ({ kind }: Pick<Ending, "kind">): boolean =>
  kind === "crashed" || kind === "lost";

/** `quit: its pane was closed`. */
export const sayEnding = ({ kind, detail }: Ending): string =>
  `${kind.replace("_", " ")}: ${detail}`;
