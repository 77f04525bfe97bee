import type { DialogKind } from "../../domain/dialog.ts";
import { head } from "../../domain/text.ts";
import type { ScreenReading } from "../../ports/runtime.ts";
import type { Frame } from "../../ports/terminal.ts";
import { readOptions } from "./options.ts";
import { readLines, type Span } from "./sgr.ts";
import { unread } from "./unread.ts";

type Line = { text: string; spans: Span[] };

/** The title while a turn runs begins with a spinner, and blinks `[ ! ]` at a dialog. */
const SPINNER = /^[\u2800-\u28ff] /;
const ASKS = /^\[ . \] Action Required/;
const HINTS =
  /\b(enter|tab|esc)\b (to )?(confirm|select|submit|cancel|back|skip|continue|dismiss|resume|open)/i;
const BUSY = /^[•◦] .*\(.*esc to interrupt\)/;
const RETRYING = /^[•◦] Reconnecting/;
const COMPACTING = /^[•◦] Compacting/;
const INTERRUPTED = /^■ Conversation interrupted/;
/** The first letter of what stands in the history: prompts, answers and errors. */
const ENTRY = /^[›•◦■✗✔] /;
const DETAIL_MAX = 80;
/** Rows above the composer in which a running turn shows its clock. */
const NEAR = 8;

/** By what a dialog says; the first that fits. */
const KINDS: readonly [DialogKind, RegExp][] = [
  ["question", /^Question \d+\/\d+/m],
  ["trust", /^(Hooks need review|Folder access)/m],
  ["permission", /^Would you like to /m],
  ["login", /Sign in with/],
  ["update", /Update available/],
  ["resume", /^Resume a previous session/m],
  ["model", /^Select (Model|Reasoning)/m],
];

/**
 * Reads Codex's visible frame by structure (0.169.0, fixtures in test/fixtures/screens/codex): the
 * live prompt is a `›` at the left edge that is neither dim, as in the history, nor reversed, as
 * at a selected row; below it stand the draft, a blank row and the foot. A dialog says so in the
 * title, or by the keys in its last rows. Streaming text shows in the title only.
 */
export function readCodexScreen(frame: Pick<Frame, "lines" | "title">): ScreenReading {
  const lines = readLines(frame.lines);
  while (lines.length > 0 && lines.at(-1)!.text.trim() === "") lines.pop();
  const foot = lines.findLastIndex(({ text }) => text.trim() === "") + 1;
  const keys = lines.slice(foot).map(({ text }) => text.trim());
  if (ASKS.test(frame.title) || HINTS.test(keys.join(" "))) return readDialog(lines, foot);

  const shell = keys.some((text) => text.includes("Shell mode"));
  const prompt = lines.findLastIndex((line) => isPrompt(line, shell));
  if (prompt === -1) return unread("no prompt on the screen");
  const draft = draftOf(lines.slice(prompt, foot > prompt ? foot : lines.length));
  const above = lines.slice(0, prompt).map(({ text }) => text.trimEnd());
  const near = above.slice(-NEAR);
  const retrying = near.some((text) => RETRYING.test(text));
  const busy = retrying || SPINNER.test(frame.title) || near.some((text) => BUSY.test(text));
  const last = above.findLast((text) => ENTRY.test(text)) ?? "";
  const failed = !busy && last.startsWith("■") && !INTERRUPTED.test(last);
  const calm = failed ? head(last.slice(2), DETAIL_MAX) : "at its prompt";
  return {
    focus: "composer",
    dialog: undefined,
    compacting: near.some((text) => COMPACTING.test(text)),
    draft: shell ? `!${draft}` : draft,
    busy,
    detail: retrying ? "the model's API fails; retrying" : busy ? "in a turn" : calm,
    error: retrying || failed,
  };
}

function isPrompt({ text, spans }: Line, shell: boolean): boolean {
  const first = spans.find((span) => span.text !== "");
  const glyph = /^›( |$)/.test(text) || (shell && /^!( |$)/.test(text));
  return glyph && first !== undefined && !first.dim && !first.reverse;
}

/** The text that a person typed: without the prompt, the indent and the dim placeholder. */
function draftOf(rows: readonly Line[]): string {
  const typed = rows.map(({ spans }) => {
    const solid = spans.filter((span) => !span.dim).map((span) => span.text);
    return solid
      .join("")
      .replace(/^(› ?|! ?| {2})/, "")
      .trimEnd();
  });
  return typed.join("\n").trimEnd();
}

function readDialog(lines: readonly Line[], foot: number): ScreenReading {
  const text = lines.map((line) => line.text.trimEnd());
  const body = text.slice(0, foot);
  const marked = readOptions(body, "›");
  const options = marked.length > 0 ? marked : readOptions(body, ">");
  const start = body.findLastIndex((line) => ENTRY.test(line) && !/^› \d+\. /.test(line)) + 1;
  const said = body.slice(start).map((line) => line.trim());
  const question =
    said.find((line) => line.endsWith("?")) ?? said.find((line) => line !== "") ?? "it asks";
  const kind = KINDS.find(([, pattern]) => pattern.test(said.join("\n")))?.[0] ?? "other";
  return {
    ...unread(`dialog: ${head(question, DETAIL_MAX)}`),
    focus: "dialog",
    dialog: { kind, question, options },
  };
}
