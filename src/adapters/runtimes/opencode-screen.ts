import type { Dialog, DialogOption } from "../../domain/dialog.ts";
import { head } from "../../domain/text.ts";
import type { ScreenReading } from "../../ports/runtime.ts";
import type { Frame } from "../../ports/terminal.ts";
import { readLines, type Span } from "./sgr.ts";

/** The foot of the composer; nothing else on the screen has one. */
const FOOT = /^ *╹▀{8,}/;
const BAR = "┃";
const BUSY = /esc (again to )?interrupt/;
const RETRYING = /\[retrying /;
/** The key hints at a dialog's foot. */
const HINT = /^(ctrl\+f|⇆|↑↓|enter|esc)\b|^[⇆↑]/;
const HINTS = /(enter (confirm|submit|toggle)|esc (dismiss|cancel))/;
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

const nothing = (detail: string): ScreenReading => ({
  focus: "none",
  dialog: undefined,
  compacting: false,
  draft: "",
  busy: false,
  detail,
  error: false,
});

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
  // Padding, the draft, padding, and the line of agent and model.
  if (box.length < 4) return nothing("no composer that is known");
  const hasCursor = frame.cursorY >= top && frame.cursorY < foot;
  if (!hasCursor) return overlay(rows);

  const below = rows.slice(foot + 1).map(({ text }) => text);
  const retrying = below.some((text) => RETRYING.test(text));
  const busy = retrying || below.some((text) => BUSY.test(text));
  const error = retrying || (!busy && endsInError(rows, top, color));
  const shell = /^Shell\b/.test(box.at(-1)!.text.trim());
  const draft = draftOf(box.slice(1, -2));
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
  if (!text.trimStart().startsWith(BAR)) return undefined;
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

/** A list or a menu over the conversation: its first line ends in `esc`. */
function overlay(rows: readonly Row[]): ScreenReading {
  const screen = rows[0]?.spans[0]?.back;
  const title = rows.find(({ spans }) =>
    spans.some(({ text, back }) => text.trim() === "esc" && back !== screen),
  );
  if (!title) return nothing("the cursor is not in the composer");
  const inside = title.spans.filter(({ back }) => back !== screen).map(({ text }) => text);
  const question = inside
    .join("")
    .replace(/esc\s.*$/, "")
    .trim();
  return asks({ kind: "other", question, options: [] });
}

const asks = (dialog: Dialog): ScreenReading => ({
  ...nothing(`dialog: ${head(dialog.question, DETAIL_MAX)}`),
  focus: "dialog",
  dialog,
});

/** A permission, its refusal in words, or a question: the last panel, with key hints at its foot. */
function withoutComposer(rows: readonly Row[]): ScreenReading {
  const last = rows.findLastIndex((row) => panelRow(row) !== undefined);
  const panel = last === -1 ? [] : panelAbove(rows, last + 1);
  const isLow = last > rows.length - 4;
  if (!isLow || !panel.some(({ text }) => HINTS.test(text))) return nothing("no composer");
  const said = panel.map(({ text }) => text.trim()).filter(Boolean);
  const isPermission = said[0]?.startsWith("△") ?? false;
  const question = isPermission ? said.slice(0, -1).join(" ").replace(/^△ */, "") : said[0]!;
  const numbered = panel.flatMap(numberedOption);
  const options = numbered.length > 0 ? numbered : buttons(panel);
  return asks({ kind: isPermission ? "permission" : "question", question, options });
}

/** `1. Red`, where the number of the selected one stands on another background. */
function numberedOption({ text, spans, back }: PanelRow): DialogOption[] {
  const label = /^ {2}\d+\. (.*)$/.exec(text.trimEnd())?.[1];
  if (label === undefined) return [];
  return [{ label: label.trim(), selected: spans.some((span) => isOn(span, back)) }];
}

const isOn = (span: Span, back: string) => span.text.trim() !== "" && span.back !== back;

/** Words in a row before the key hints; the selected one stands on another background. */
function buttons(panel: readonly PanelRow[]): DialogOption[] {
  const row = panel.find(({ text }) => HINTS.test(text))!;
  const end = row.spans.findIndex(({ text }) => HINT.test(text.trim()));
  return row.spans
    .slice(0, end)
    .filter(({ text }) => text.trim() !== "")
    .map((span) => ({ label: span.text.trim(), selected: isOn(span, row.back) }));
}
