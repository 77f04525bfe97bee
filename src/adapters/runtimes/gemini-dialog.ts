import type { Dialog, DialogKind, DialogOption } from "../../domain/dialog.ts";
import { readOptions } from "./options.ts";

/** Gemini CLI 0.61.0 marks the selected row with it. */
const MARKER = "●";
const NUMBERED = /^(●)? *(\d+)\. +(.+?)(?: {3,}.*)?$/;
/** The list of conversations has no box, only keys above it. */
const BROWSER = /^ Navigate: .*Resume: Enter/;

/** By what a dialog says; the first that fits. */
const KINDS: readonly [DialogKind, RegExp][] = [
  ["trust", /Do you trust the files in this folder\?/],
  ["permission", /^(Allow execution of|Apply this change|Do you want to proceed|Allow )/m],
  ["question", /^Answer Questions/m],
  ["login", /How would you like to authenticate|Enter Gemini API Key|Waiting for auth/],
  ["model", /^Select Model/m],
];

/** The box at the bottom of the frame, or nothing where none is. */
export function geminiDialog(lines: readonly string[]): Dialog | undefined {
  const shown = withoutFooter(lines.slice(0, lines.findLastIndex((line) => line !== "") + 1));
  if (shown.some((line) => BROWSER.test(line))) {
    return { kind: "resume", question: "it offers conversations", options: [] };
  }
  if (!/^ ?╰─+╯$/.test(shown.at(-1) ?? "")) return undefined;
  const top = shown.findLastIndex((line) => /^ ?╭─+╮$/.test(line));
  if (top === -1) return undefined;
  const rows = shown.slice(top + 1, -1).map((line) => line.replace(/^ ?│|│$/g, ""));
  const text = rows.map((row) => row.trim());
  const all = text.join("\n");
  const kind = KINDS.find(([, pattern]) => pattern.test(all))?.[0] ?? "other";
  const first = text.find((row) => /^[^│╭╰?]\S.*\S$/.test(row));
  const question = text.findLast((row) => /\?$/.test(row)) ?? first ?? "it offers options";
  return { kind, question, options: optionsOf(rows) };
}

/** Below some dialogs stand a rule, and two lines with the folder, the branch and the model. */
function withoutFooter(lines: readonly string[]): readonly string[] {
  const rule = lines.findLastIndex((line) => /^─{8,}\s*$/.test(line));
  if (rule === -1 || lines.length - rule > 3) return lines;
  return lines.slice(0, lines.slice(0, rule).findLastIndex((line) => line !== "") + 1);
}

function optionsOf(rows: readonly string[]): DialogOption[] {
  const numbered = rows.flatMap((row) => {
    const [, marker, , label = ""] = NUMBERED.exec(row.trim()) ?? [];
    return label === "" ? [] : [{ label: label.trim(), selected: marker === MARKER }];
  });
  if (numbered.some(({ selected }) => selected)) return numbered;
  return readOptions(rows, MARKER).filter(({ label }) => label !== undefined);
}
