import { head } from "../../../domain/text.ts";
import type { Dialog } from "./tool.ts";
import type { Entry } from "./transcript.ts";
import { clip, columns, printable, wrap, wrapWords } from "./wrap.ts";

export interface View {
  entries: readonly Entry[];
  draft: string;
  /** Dim text in an empty composer. */
  placeholder: string;
  /** Seconds of the present turn; null while idle. */
  busyFor: number | null;
  queued: readonly string[];
  dialog: Pick<Dialog, "command" | "selected"> | null;
  /** Stands in for the status line. */
  hint: string;
}

export interface Frame {
  rows: string[];
  cursor: { x: number; y: number };
}

/** Of a longer entry only the beginning is drawn: a frame must stay cheap. */
const SHOWN = 4_000;

export const BANNER = "Overture scripted agent · no model";

const grey = (text: string) => `\u001b[38;5;246m${text}\u001b[39m`;
const dim = (text: string) => `\u001b[2m${text}\u001b[22m`;
const bold = (text: string) => `\u001b[1m${text}\u001b[22m`;

/** The prompt mark and a no-break space: what tells the composer from echoed history. */
const COMPOSER_MARK = "❯\u00a0";
const MARKS: Readonly<Record<Entry["kind"], string>> = {
  prompt: "❯ ",
  answer: "● ",
  note: "  ⎿  ",
};

/** A whole screen of `height` rows, none wider than `width` columns. */
export function renderFrame(view: View, width: number, height: number): Frame {
  const bottom = view.dialog ? dialogBox(view.dialog, width) : composer(view, width, height);
  const room = Math.max(0, height - bottom.rows.length);
  const log = logRows(view, width, room);
  const blank = Array<string>(room - log.length).fill("");
  const rows = [...log, ...blank, ...bottom.rows];
  const cut = rows.length - height;
  return {
    rows: rows.slice(cut),
    cursor: { x: Math.min(bottom.x, width - 1), y: Math.max(0, height - bottom.fromEnd) },
  };
}

/** The last `room` rows of banner and transcript. */
function logRows(view: View, width: number, room: number): string[] {
  const parts: string[][] = [];
  let count = 0;
  if (view.queued.length > 0) {
    const rows = view.queued.flatMap((text) => entryRows({ kind: "prompt", text }, width));
    parts.unshift([...rows, grey(clip("  ⎿  Queued", width))]);
    count += rows.length + 1;
  }
  for (let i = view.entries.length - 1; i >= 0 && count < room; i--) {
    const entry = view.entries[i]!;
    const rows = entryRows(entry, width);
    if (entry.kind !== "note") rows.unshift("");
    parts.unshift(rows);
    count += rows.length;
  }
  if (count < room) parts.unshift([bold(clip(BANNER, width))]);
  const rows = parts.flat();
  return rows.slice(Math.max(0, rows.length - room));
}

function entryRows({ kind, text }: Entry, width: number): string[] {
  const mark = MARKS[kind];
  const indent = " ".repeat(mark.length);
  const paint = kind === "note" ? grey : (row: string) => row;
  const shown = text.length > SHOWN ? `${head(text, SHOWN)}…` : text;
  return wrapWords(printable(shown), width - mark.length).map((row, i) =>
    paint(clip(`${i === 0 ? mark : indent}${row}`, width)),
  );
}

/** Rows at the bottom of the screen; the cursor's row is counted from the end. */
interface Bottom {
  rows: string[];
  x: number;
  fromEnd: number;
}

function composer(view: View, width: number, height: number): Bottom {
  const rule = grey("─".repeat(width));
  const draft = wrap(view.draft, width - 2);
  const shown = draft.slice(-Math.max(1, height - 4));
  const hidden = draft.length - shown.length;
  const rows = shown.map((row, i) => `${i === 0 && hidden === 0 ? COMPOSER_MARK : "  "}${row}`);
  if (view.draft === "" && view.placeholder !== "") {
    rows[0] = `${COMPOSER_MARK}${dim(clip(view.placeholder, width - 2))}`;
  }
  const work = view.busyFor === null ? "? for shortcuts" : "esc to interrupt";
  const status = grey(clip(`  ${view.hint || `scripted · ${work}`}`, width));
  const spinner = view.busyFor === null ? [] : [clip(`✻ Working… (${view.busyFor}s)`, width)];
  return {
    rows: [...spinner, rule, ...rows, rule, status],
    x: 2 + columns(shown.at(-1) ?? ""),
    fromEnd: 3,
  };
}

function dialogBox(dialog: NonNullable<View["dialog"]>, width: number): Bottom {
  const option = (n: 0 | 1, text: string) =>
    clip(` ${dialog.selected === n ? "❯" : " "} ${n + 1}. ${text}`, width);
  const command = wrap(printable(dialog.command), width - 2).slice(0, 5);
  const end = [option(0, "Yes"), option(1, "No"), "", clip(" Esc to cancel · Tab to amend", width)];
  return {
    rows: [
      grey("─".repeat(width)),
      bold(clip(" Bash command", width)),
      "",
      ...command.map((row) => ` ${row}`),
      "",
      clip(" Do you want to proceed?", width),
      ...end,
    ],
    x: 1,
    fromEnd: end.length - dialog.selected,
  };
}

/** The bytes that put a frame on a terminal of the frame's size. */
export function paint(frame: Frame): string {
  // Cleared first: after a full row the cursor stands on its last column and would clear that.
  const rows = frame.rows.map((row) => `\u001b[2K${row}\u001b[0m`).join("\r\n");
  // Autowrap off: a glyph that the terminal draws wider than we think is cut, not wrapped.
  return `\u001b[?25l\u001b[?7l\u001b[H${rows}\u001b[J\u001b[?7h\u001b[${frame.cursor.y + 1};${frame.cursor.x + 1}H\u001b[?25h`;
}
