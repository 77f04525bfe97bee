import type { Dialog, DialogOption } from "../../domain/dialog.ts";
import { head } from "../../domain/text.ts";
import type { ScreenReading } from "../../ports/runtime.ts";
import type { Frame } from "../../ports/terminal.ts";
import { readLines, type Span } from "./sgr.ts";
import { unread } from "./unread.ts";

/** The foot of the composer; nothing else on the screen has one. */
const FOOT = /^ *╹▀{8,}/;
const BAR = "┃";
/** Cells left of a panel's bar. After a resize old text was seen to stay in them (1.18.33). */
const MARGIN = 2;
/** The wave of a turn, below the composer; words beside it wrap in a narrow pane. */
const BUSY = /^ *[■⬝]{4,}|esc (again to )?interrupt/;
const RETRYING = /\[retrying /;
/** The key hints at a dialog's foot. */
const HINT = /^(ctrl\+f\b|[⇆↑]|enter\b|esc\b)/;
const HINTS = /⇆ (select|tab)|↑↓ select|enter (confirm|submit|toggle)|esc (dismiss|cancel)/;
/** Ghost text of an empty composer in a conversation that has not begun. */
const PLACEHOLDER = /^(Ask anything|Run a command)(\.\.\.|…) "/;
/** The mark under an answer; one that came whole ends in its time, one that was cut says so. */
const ANSWER = /^ *▣ /;
const COMPACTING = /^ *▣ +Compaction /;
const DETAIL_MAX = 80;

interface Row {
  text: string;
  spans: Span[];
}
/** A row of a panel: the colour of its bar, and what stands behind it. */
interface PanelRow {
  bar: string;
  text: string;
  /** Without the margin to the right of the panel. */
  spans: Span[];
  /** The panel's own background in this row. */
  back: string;
}

/**
 * Reads OpenCode's visible frame by structure (1.18.33, fixtures in test/fixtures/screens): every
 * panel has a bar on its left; the composer alone has a foot below it, a permission or a question
 * stands in its place, and a list or menu over it has the cursor.
 */
export function readOpencodeScreen(
  frame: Pick<Frame, "lines" | "cursorX" | "cursorY">,
): ScreenReading {
  const rows = readLines(frame.lines);
  const foot = rows.findLastIndex(({ text }) => FOOT.test(text));
  if (foot === -1) return withoutComposer(rows);
  const color = rows[foot]!.spans.find(({ text }) => text.includes("╹"))!.fore;
  const box = panelAbove(rows, foot, color);
  const top = foot - box.length;
  // Padding, the draft, padding, and the line that begins with the agent's name in its colour.
  const status = box.findLastIndex(({ spans }) => firstWord(spans)?.fore === color);
  if (status < 3) return unread("no composer that is known");
  const hasCursor = frame.cursorY >= top && frame.cursorY < foot;
  if (!hasCursor) return overlay(rows);

  const below = rows.slice(foot + 1).map(({ text }) => text);
  const retrying = below.some((text) => RETRYING.test(text));
  const busy = retrying || below.some((text) => BUSY.test(text));
  const error = retrying || (!busy && endsInError(rows, top, color));
  const shell = firstWord(box[status]!.spans)?.text.trim() === "Shell";
  const draft = draftOf(box.slice(1, status - 1));
  const compacting = busy && isCompacting(rows.slice(0, top));
  return {
    focus: "composer",
    dialog: undefined,
    compacting,
    draft: shell ? `!${draft}` : draft,
    busy,
    detail: retrying
      ? "the model's API fails; retrying"
      : compacting
        ? "compacting"
        : busy
          ? "in a turn"
          : error
            ? "the last turn failed"
            : "at its prompt",
    error,
  };
}

const firstWord = (spans: readonly Span[]) => spans.find(({ text }) => text.trim() !== "");

/** The rows of one panel that ends above this row, in the order of the screen. */
function panelAbove(rows: readonly Row[], end: number, color?: string): PanelRow[] {
  const panel: PanelRow[] = [];
  for (let i = end - 1; i >= 0; i--) {
    const row = panelRow(rows[i]!);
    if (!row || row.bar !== (color ?? panel[0]?.bar ?? row.bar)) break;
    panel.unshift(row);
  }
  return panel;
}

function panelRow({ text, spans }: Row): PanelRow | undefined {
  const left = text.indexOf(BAR);
  if (left === -1 || (left > MARGIN && text.slice(0, left).trim() !== "")) return undefined;
  const at = spans.findIndex((span) => span.text.includes(BAR));
  const bar = spans[at]!;
  const margin = spans[0]!.back;
  const rest = bar.text.slice(bar.text.indexOf(BAR) + 1);
  const behind = [...(rest === "" ? [] : [{ ...bar, text: rest }]), ...spans.slice(at + 1)];
  const back = behind[0]?.back ?? margin;
  // A panel to the right begins behind a margin of the screen's own background.
  const edge = back === margin ? -1 : behind.findIndex((span) => span.back === margin);
  const inside = edge === -1 ? behind : behind.slice(0, edge);
  return { bar: bar.fore, text: inside.map((span) => span.text).join(""), spans: inside, back };
}

function draftOf(rows: readonly PanelRow[]): string {
  const draft = rows.map(({ text }) => text.replace(/^ {2}/, "").trimEnd()).join("\n");
  return PLACEHOLDER.test(draft) ? "" : draft.trimEnd();
}

/** The mark of the last answer has no time, and the panel above it has a bar of its own colour. */
function endsInError(rows: readonly Row[], top: number, color: string): boolean {
  const blank = (row: Row) => row.text.slice(0, 40).trim() === "";
  let at = top - 1;
  while (at >= 0 && blank(rows[at]!)) at--;
  if (at < 0 || !ANSWER.test(rows[at]!.text)) return false;
  do at--;
  while (at >= 0 && blank(rows[at]!));
  const bar = at < 0 ? undefined : panelRow(rows[at]!)?.bar;
  return bar !== undefined && bar !== color;
}

const isCompacting = (above: readonly Row[]) =>
  COMPACTING.test(above.findLast(({ text }) => ANSWER.test(text))?.text ?? "");

/** A list or a menu over the conversation, on a background of its own: its title ends in `esc`. */
function overlay(rows: readonly Row[]): ScreenReading {
  const screen = rows[0]?.spans[0]?.back;
  for (const { spans } of rows) {
    const key = spans.find((span) => /^esc(\/enter)?$/.test(span.text.trim()));
    if (!key || key.back === screen) continue;
    const title = spans.filter((span) => span !== key && span.back === key.back);
    const question = title
      .map(({ text }) => text)
      .join("")
      .trim();
    return asks({ kind: "other", question, options: [] });
  }
  return unread("the cursor is not in the composer");
}

const asks = (dialog: Dialog): ScreenReading => ({
  ...unread(`dialog: ${head(dialog.question, DETAIL_MAX)}`),
  focus: "dialog",
  dialog,
});

/** A permission or a question: the last panel, with key hints at its foot. */
function withoutComposer(rows: readonly Row[]): ScreenReading {
  const last = rows.findLastIndex((row) => panelRow(row) !== undefined);
  const panel = last === -1 ? [] : panelAbove(rows, last + 1);
  const hints = panel.findLastIndex(({ text }) => HINTS.test(text));
  if (hints === -1 || last < rows.length - 4) return unread("no composer");
  const numbered = panel.findIndex((row) => numberedOption(row).length > 0);
  if (numbered !== -1) {
    const question = lastParagraph(panel.slice(0, numbered));
    return asks({ kind: "question", question, options: panel.flatMap(numberedOption) });
  }
  // In a narrow pane the buttons stand in a row above the hints.
  const row = panel.findLastIndex((one, i) => i <= hints && buttons(one).length > 0);
  const above = panel.slice(0, Math.max(0, row)).map(({ text }) => text.trim());
  const question = above.filter(Boolean).join(" ");
  const options = row === -1 ? [] : buttons(panel[row]!);
  const kind = question.startsWith("△") ? "permission" : "other";
  return asks({ kind, question: question.replace(/^△ */, ""), options, inRow: true });
}

function lastParagraph(rows: readonly PanelRow[]): string {
  const texts = rows.map(({ text }) => text.trim());
  const end = texts.findLastIndex(Boolean) + 1;
  const start = texts.slice(0, end).lastIndexOf("") + 1;
  return texts.slice(start, end).join(" ");
}

/** `1. Red`, where the number of the selected one stands on another background. */
function numberedOption({ text, spans, back }: PanelRow): DialogOption[] {
  const label = /^ {2}\d+\. (.*)$/.exec(text.trimEnd())?.[1];
  if (label === undefined) return [];
  return [{ label: label.trim(), selected: spans.some((span) => isOn(span, back)) }];
}

const isOn = (span: Span, back: string) => span.text.trim() !== "" && span.back !== back;

/** Words in a row before the key hints; the selected one stands on another background. */
function buttons({ spans, back }: PanelRow): DialogOption[] {
  const end = spans.findIndex(({ text }) => HINT.test(text.trim()));
  return spans
    .slice(0, end === -1 ? undefined : end)
    .filter(({ text }) => text.trim() !== "")
    .map((span) => ({ label: span.text.trim(), selected: isOn(span, back) }));
}
