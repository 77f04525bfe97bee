import type { DialogKind } from "../../domain/dialog.ts";
import { head } from "../../domain/text.ts";
import type { ScreenReading } from "../../ports/runtime.ts";
import type { Frame } from "../../ports/terminal.ts";
import { readOptions } from "./options.ts";
import { readLines, type Span } from "./sgr.ts";
import { unread } from "./unread.ts";

const RULE = /^[─╌]{8,}/;
const PROMPT = /^❯(\u00a0|$)/;
const SHELL_PROMPT = /^!\u00a0/;
/** A dialog's key hints stand below its options. */
const HINTS = /(Esc to cancel|Enter to confirm|Enter to select)/;
const BUSY = /esc to interrupt/;
const RETRYING = /retrying in \d+s/;
const COMPACTING = /^\S Compacting conversation/;
const DETAIL_MAX = 80;
const ERROR = /API Error|Please run \/login|Invalid API key/;

/** By what a dialog says beside its question; the first that fits. */
const KINDS: readonly [DialogKind, RegExp][] = [
  ["trust", /Yes, I trust this folder/],
  ["login", /Select login method|Detected a custom API key|Paste code here/],
  ["permission", /^ ?Do you want to |WARNING: Claude Code running in Bypass/m],
  ["question", /^ ?☐ |Enter to select/m],
  ["resume", /Resume (Session|a conversation)/i],
  ["model", /Select model/i],
  ["survey", /How is Claude doing/],
  ["update", /new version|Update available/i],
];

/**
 * Reads Claude Code's visible frame by structure (2.1.329, fixtures in test/fixtures/screens):
 * the live prompt is `❯` + no-break space between two rules, near the bottom; an echoed line has
 * a plain space; a dialog has key hints and no such prompt. The title says the same in every
 * state and is not used.
 */
export function readClaudeScreen(frame: Pick<Frame, "lines">): ScreenReading {
  const lines = readLines(frame.lines);
  while (lines.length > 0 && lines.at(-1)!.text.trim() === "") lines.pop();
  const bottom = lines.findLastIndex((line) => RULE.test(line.text));
  const prompt = lines.findLastIndex(
    (line, i) => i < bottom && (PROMPT.test(line.text) || SHELL_PROMPT.test(line.text)),
  );
  const framed = prompt > 0 && RULE.test(lines[prompt - 1]!.text);
  const rules = lines.slice(prompt, bottom).some((line) => RULE.test(line.text));
  const below = lines.slice(bottom + 1).map((line) => line.text);
  if (!framed || rules || below.some((text) => HINTS.test(text))) return withoutPrompt(lines);

  const above = lines.slice(0, prompt - 1).map((line) => line.text);
  const shell = SHELL_PROMPT.test(lines[prompt]!.text);
  const draft = draftOf(lines.slice(prompt, bottom).map((line) => line.spans));
  const tail = above.slice(-8).join("\n");
  const retrying = RETRYING.test(tail);
  const working = [...above.slice(-8), ...below].some((text) => BUSY.test(text)) || spinner(above);
  const compacting = above.slice(-8).some((text) => COMPACTING.test(text));
  return {
    focus: "composer",
    dialog: undefined,
    compacting,
    draft: shell ? `!${draft}` : draft,
    busy: working || retrying,
    detail: retrying ? "the model's API fails; retrying" : working ? "in a turn" : "at its prompt",
    error: retrying || (!working && lastAnswerIsError(above)),
  };
}

/** `✻ Cogitating… (3s · …)`: a line with an ellipsis and a running clock near the composer. */
function spinner(above: readonly string[]): boolean {
  return above.slice(-6).some((text) => /^\S \S.*… \(\d+/.test(text));
}

function lastAnswerIsError(above: readonly string[]): boolean {
  const last = above.findLast((text) => /^(●|❯) /.test(text));
  return last?.startsWith("●") === true && ERROR.test(last);
}

function withoutPrompt(lines: { text: string }[]): ScreenReading {
  const text = lines.map((line) => line.text);
  const hint = text.findLastIndex((line) => HINTS.test(line));
  if (hint === -1 || hint < text.length - 3) return unread("no prompt on the screen");
  const all = text.join("\n");
  const kind = KINDS.find(([, pattern]) => pattern.test(all))?.[0] ?? "other";
  const asked = text
    .slice(0, hint)
    .findLast((line) => /\?\s*$/.test(line))
    ?.trim();
  const question = kind === "trust" ? "does it trust this folder?" : (asked ?? "it offers options");
  return {
    ...unread(`dialog: ${head(question, DETAIL_MAX)}`),
    focus: "dialog",
    dialog: { kind, question, options: readOptions(text.slice(0, hint), "❯") },
  };
}

/** The text that a person typed: without the prompt, the dim ghost text and a placeholder. */
function draftOf(rows: readonly Span[][]): string {
  const typed = rows.map((row, i) => {
    const solid = row.filter((span) => !span.dim);
    const text = solid.map((span) => span.text).join("");
    const first = i === 0 ? text.replace(/^[❯!]\u00a0?/, "") : text.replace(/^ {2}/, "");
    const hasDim = row.some((span) => span.dim && span.text.trim() !== "");
    const cursor = solid.findLast((span) => span.reverse)?.text ?? "";
    return hasDim && first.trim() === cursor.trim() ? "" : first.trimEnd();
  });
  return typed.join("\n").trimEnd();
}
