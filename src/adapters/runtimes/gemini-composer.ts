import { geminiDialog } from "./gemini-dialog.ts";
import type { Line } from "./sgr.ts";

/** The rows above and below what is typed. */
export type Rows = readonly [top: number, bottom: number];

/** What a line of the conversation begins with: a prompt, an answer, an error. */
export const SAID = /^ ?[>✦✕] /;
/** `>` in the common modes, `*` in YOLO, `!` in shell mode, `(r:)` in a search of the history. */
export const PROMPT = /^ (>|\*|!|\(r:\))( |$)/;
const EDGE = /^[─▄▀]{8,}\s*$/;
/** Text wraps before the pane's last columns. */
const ROOM = 8;

/**
 * Where Gemini CLI's live composer stands (0.61.0), or nothing where it does not. It has edges
 * without colours and with 24-bit ones; with 256 colours only its background sets it off.
 */
export function geminiComposer(lines: readonly Line[], width: number): Rows | undefined {
  const texts = lines.map(({ text }) => text.trimEnd());
  const rows = edged(texts) ?? panel(lines) ?? cut(texts, width);
  return rows && !isLeft(texts.slice(rows[1] + 1)) ? rows : undefined;
}

/** What a resize left behind stands above the conversation or a dialog, the composer below it. */
const isLeft = (below: readonly string[]) =>
  geminiDialog(below) !== undefined || below.some((line) => SAID.test(line));

/** The last two edges that have a prompt between them; leftovers of a resize may stand around. */
function edged(lines: readonly string[]): Rows | undefined {
  const edges = lines.flatMap((line, i) => (EDGE.test(line) ? [i] : []));
  for (let k = edges.length - 1; k > 0; k--) {
    const top = edges[k - 1]!;
    if (PROMPT.test(`${lines[top + 1]} `)) return [top, edges[k]!];
  }
  return undefined;
}

/** The last rows of one background. Earlier prompts have it too, but no cursor: a reversed cell. */
function panel(lines: readonly Line[]): Rows | undefined {
  const bottom = lines.findLastIndex(({ back }) => back !== "");
  const back = lines[bottom]?.back;
  const top = lines.findLastIndex((line, i) => i < bottom && line.back !== back) + 1;
  const isPrompt = PROMPT.test(`${lines[top + 1]?.text.trimEnd()} `);
  const isBlank = [top, bottom].every((row) => lines[row]?.text.trim() === "");
  const shown = lines.slice(top + 1, bottom).flatMap((line) => line.spans);
  return isPrompt && isBlank && shown.some(({ reverse }) => reverse) ? [top, bottom] : undefined;
}

/**
 * It counts some emoji wrong and then draws a row too low: the composer's lower edge is below the
 * screen until it draws anew. Words behind the last row would be seen, for it has room; an empty
 * composer says so by its placeholder.
 */
function cut(lines: readonly string[], width: number): Rows | undefined {
  const rows = lines.at(-1) === "" ? lines.slice(0, -1) : lines;
  const top = rows.findLastIndex((line) => EDGE.test(line));
  const [first = "", ...more] = rows.slice(top + 1);
  const isWhole = [first, ...more].every((row) => row !== "" && row.length < width - ROOM);
  const isSure = PROMPT.test(`${first} `) && first.slice(3).trim() !== "" && isWhole;
  return top >= 0 && isSure ? [top, rows.length] : undefined;
}
