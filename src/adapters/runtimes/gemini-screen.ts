import type { Dialog, DialogKind } from "../../domain/dialog.ts";
import { head } from "../../domain/text.ts";
import type { ScreenReading } from "../../ports/runtime.ts";
import type { Frame } from "../../ports/terminal.ts";
import { geminiDialog } from "./gemini-dialog.ts";
import { readLines } from "./sgr.ts";
import { unread } from "./unread.ts";

/** Above and below the composer: without colours, and in a terminal of 24-bit colours. */
const EDGE = /^[─▄▀]{8,}\s*$/;
/** `>` in the common modes, `*` in YOLO, `!` in shell mode, `(r:)` in a search of the history. */
const PROMPT = /^ (>|\*|!|\(r:\))( |$)/;
/** The cursor stands before a placeholder, which a draft has no room for. */
const PLACEHOLDER = /^ {2}Type your (message or @path\/to\/file|shell command)$/;
const SPINNER = /^ [\u2801-\u28ff] /;
const COMPRESSING = /^ [\u2801-\u28ff] Compressing/;
const WORKING = /^✦ /;
const ASKING = /^✋/;
/** What a line of the conversation begins with: a prompt, an answer, an error. */
const SAID = /^ ?[>✦✕] /;
const DETAIL_MAX = 80;
/** Text wraps before the pane's last columns. */
const ROOM = 8;

/**
 * Reads Gemini CLI's visible frame by structure (0.61.0, fixtures in test/fixtures/screens): the
 * live prompt is the row behind the last pair of edges that begins with a prompt mark; a dialog
 * takes the composer away. The title can only add that it works or asks: it says `Ready` behind
 * the trust dialog.
 */
export function readGeminiScreen(frame: Pick<Frame, "lines" | "title" | "width">): ScreenReading {
  const lines = readLines(frame.lines).map((line) => line.text.replace(/\s+$/, ""));
  const whole = composer(lines);
  const [top, bottom] = whole.length > 0 ? whole : cutComposer(lines, frame.width);
  if (top === undefined || bottom === undefined || isLeft(lines.slice(bottom + 1))) {
    return withoutComposer(lines, frame.title);
  }

  const above = lines.slice(0, top);
  const status = above.slice(-6);
  const working = WORKING.test(frame.title) || status.some((line) => SPINNER.test(line));
  const failed = !working && above.findLast((line) => SAID.test(line))?.startsWith("✕ ") === true;
  return {
    focus: "composer",
    dialog: undefined,
    compacting: status.some((line) => COMPRESSING.test(line)),
    draft: draftOf(lines.slice(top + 1, bottom)),
    // Its cursor stands still while text is typed (0.61.0).
    lastRow: lines[bottom - 1],
    busy: working,
    detail: working ? "in a turn" : failed ? errorLine(above) : "at its prompt",
    error: failed,
  };
}

/** What a resize left behind stands above the conversation or a dialog, the composer below it. */
const isLeft = (below: readonly string[]) =>
  geminiDialog(below) !== undefined || below.some((line) => SAID.test(line));

/** The last two edges that have a prompt between them; leftovers of a resize may stand around. */
function composer(lines: readonly string[]): [number?, number?] {
  const edges = lines.flatMap((line, i) => (EDGE.test(line) ? [i] : []));
  for (let k = edges.length - 1; k > 0; k--) {
    const top = edges[k - 1]!;
    if (PROMPT.test(`${lines[top + 1]} `)) return [top, edges[k]!];
  }
  return [];
}

/**
 * It counts some emoji wrong and then draws a row too low: the composer's lower edge is below the
 * screen until it draws anew. Words behind the last row would be seen, for it has room; an empty
 * composer says so by its placeholder.
 */
function cutComposer(lines: readonly string[], width: number): [number?, number?] {
  const rows = lines.at(-1) === "" ? lines.slice(0, -1) : lines;
  const top = rows.findLastIndex((line) => EDGE.test(line));
  const [first = "", ...more] = rows.slice(top + 1);
  const isWhole = [first, ...more].every((row) => row !== "" && row.length < width - ROOM);
  const isSure = PROMPT.test(`${first} `) && first.slice(3).trim() !== "" && isWhole;
  return top >= 0 && isSure ? [top, rows.length] : [];
}

function draftOf(rows: readonly string[]): string {
  const [, mark = ">"] = PROMPT.exec(`${rows[0]} `) ?? [];
  const first = rows[0]!.slice(mark.length + 2);
  const typed = PLACEHOLDER.test(first) ? "" : first;
  const more = rows.slice(1).map((row) => row.replace(/^ {3}/, ""));
  const text = [typed, ...more].join("\n").trimEnd();
  // In these modes a paste would not be a prompt: whatever stands there is a person's.
  return mark === ">" || mark === "*" ? text : `${mark}${text}`;
}

function errorLine(above: readonly string[]): string {
  return head(above.findLast((line) => line.startsWith("✕ "))!.slice(2), DETAIL_MAX);
}

function withoutComposer(lines: readonly string[], title: string): ScreenReading {
  const dialog = geminiDialog(lines) ?? (ASKING.test(title) ? UNREAD : undefined);
  if (!dialog) return unread("no prompt on the screen");
  const detail = `dialog: ${head(dialog.question, DETAIL_MAX)}`;
  return { ...unread(detail), focus: "dialog", dialog };
}

const OTHER: DialogKind = "other";
const UNREAD: Dialog = { kind: OTHER, question: "it asks something", options: [] };
