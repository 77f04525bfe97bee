import type { PaneRef } from "../domain/agent.ts";
import type { FoundPane, Frame, PaneFacts } from "../ports/terminal.ts";

/** What is asked of a pane, in tmux's words, and how its answer is read. */
export const FIELDS = [
  "pane_id",
  "pane_pid",
  "pid",
  "start_time",
  "@ov_session",
  "pane_dead",
  "pane_in_mode",
  "pane_input_off",
  "pane_synchronized",
  "@ov_typed",
  "@ov_entered",
  "pane_current_command",
] as const;
/** A path last: it may hold anything but a tab. */
export const REF_FIELDS = [...FIELDS, "socket_path"] as const;
export const FIND_FIELDS = [...FIELDS, "pane_tty", "pane_current_path"] as const;
export const LOOK_FIELDS = [
  ...FIELDS,
  ...(["cursor_x", "cursor_y", "pane_width", "pane_tty", "pane_title"] as const),
] as const;

/** Formats cannot hold a tab of their own: names and titles are sanitised by tmux. */
export const format = (fields: readonly string[]) => fields.map((f) => `#{${f}}`).join("\t");

export function parseFacts(line: string): PaneFacts {
  const v = line.split("\t");
  return {
    pane: v[0] ?? "",
    panePid: Number(v[1]),
    serverPid: Number(v[2]),
    serverStart: Number(v[3]),
    mark: v[4] ?? "",
    dead: v[5] === "1",
    inMode: Number(v[6]) > 0,
    inputOff: v[7] === "1",
    synchronized: v[8] === "1",
    typed: v[9] ?? "",
    entered: v[10] ?? "",
    command: v[11] ?? "",
  };
}

/**
 * A pattern of exactly this row, with its blanks in front. For other than plain characters anything
 * may stand: what a locale makes of them is the server's.
 */
const patternOf = (row: string) => {
  const plain = row
    .trimEnd()
    .replace(/[.[\]{}()*+?^$|\\]/g, "\\$&")
    .replace(/[#,}]/g, "#$&");
  return `^${plain.replace(/[^ -~]+/g, ".+")}[[:blank:]]*$`;
};

/** The number of the first line on the screen that is this row, from 1; 0: there is none. */
export const lineOf = (row: string) => `#{C/r:${patternOf(row)}}`;

/** True when the cursor of copy mode stands in this row. */
export const standsIn = (row: string) => `#{m/r:${patternOf(row)},#{copy_cursor_line}}`;

/** The line of LOOK_FIELDS, and below it the visible lines. */
export function parseFrame(text: string): Frame {
  const [first = "", ...lines] = text.split("\n");
  const [x, y, width, tty = "", ...title] = first.split("\t").slice(FIELDS.length);
  return {
    ...parseFacts(first),
    lines,
    tty,
    cursorX: Number(x),
    cursorY: Number(y),
    width: Number(width),
    title: title.join(" "),
  };
}

/** The socket's path in a line of REF_FIELDS. */
export const socketOf = (line: string): string => line.split("\t")[FIELDS.length] ?? "";

/** The line of FIND_FIELDS. */
export function parseFound(line: string): Omit<FoundPane, "socket" | "serverBorn"> {
  const [tty = "", ...cwd] = line.split("\t").slice(FIELDS.length);
  return { ...parseFacts(line), tty, cwd: cwd.join("\t") };
}

export function samePane(ref: PaneRef, facts: PaneFacts): boolean {
  return (
    facts.pane === ref.pane &&
    facts.panePid === ref.panePid &&
    facts.serverPid === ref.serverPid &&
    facts.serverStart === ref.serverStart &&
    facts.mark === ref.mark
  );
}

export const is = (field: string, value: string | number) => `#{==:#{${field}},${value}}`;

export const and = (tests: string[]): string =>
  tests.reduceRight((rest, test) => (rest === "" ? test : `#{&&:${test},${rest}}`), "");

/**
 * A server that may not be asked (`Operation not permitted`, as in an agent's sandbox) is not gone.
 */
export const GONE =
  /can't find (pane|session|window)|no server running|error connecting to .*\((No such file|Connection refused)|server exited/;
