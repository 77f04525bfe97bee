import type { Dialog, DialogKind } from "../../domain/dialog.ts";
import { head } from "../../domain/text.ts";
import type { ScreenReading } from "../../ports/runtime.ts";
import type { Frame } from "../../ports/terminal.ts";
import { geminiComposer, PROMPT, SAID } from "./gemini-composer.ts";
import { geminiDialog } from "./gemini-dialog.ts";
import { readLines } from "./sgr.ts";
import { unread } from "./unread.ts";

/** The cursor stands before a placeholder, which a draft has no room for. */
const PLACEHOLDER = /^ {2}Type your (message or @path\/to\/file|shell command)$/;
const SPINNER = /^ [\u2801-\u28ff] /;
const COMPRESSING = /^ [\u2801-\u28ff] Compressing/;
const WORKING = /^✦ /;
const ASKING = /^✋/;
const DETAIL_MAX = 80;

/**
 * Reads Gemini CLI's visible frame by structure (0.61.0, fixtures in test/fixtures/screens): the
 * live prompt is the row of the composer that begins with a prompt mark; a dialog takes
 * the composer away. The title can only add that it works or asks: it says `Ready` behind
 * the trust dialog.
 */
export function readGeminiScreen(frame: Pick<Frame, "lines" | "title" | "width">): ScreenReading {
  const drawn = readLines(frame.lines);
  const lines = drawn.map(({ text }) => text.trimEnd());
  const composer = geminiComposer(drawn, frame.width);
  if (!composer) return withoutComposer(lines, frame.title);

  const [top, bottom] = composer;
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
    lastRow: { y: bottom - 1, text: lines[bottom - 1]! },
    busy: working,
    detail: working ? "in a turn" : failed ? errorLine(above) : "at its prompt",
    error: failed,
  };
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
