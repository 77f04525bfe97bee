import { AppError } from "./errors.ts";

export const DIALOG_KINDS = [
  "trust",
  "permission",
  "login",
  "update",
  "survey",
  "model",
  "resume",
  "question",
  "other",
] as const;
export type DialogKind = (typeof DIALOG_KINDS)[number];

export interface DialogOption {
  label: string;
  /** What Enter would choose. */
  selected: boolean;
}

/** What asks a person something, as it stands on an agent's screen. */
export interface Dialog {
  kind: DialogKind;
  question: string;
  /** In the order in which they are shown; empty for one that takes text. */
  options: DialogOption[];
  /** They stand in a row: Left and Right move between them, not Up and Down. */
  inRow?: boolean;
}

/** Dialogs that come before an agent's first prompt; a config may say how these are answered. */
export const START_DIALOGS = ["trust", "login", "update", "survey", "model", "resume"] as const;

export const sameDialog = (a: Dialog, b: Dialog): boolean =>
  a.kind === b.kind &&
  a.question === b.question &&
  a.options.length === b.options.length &&
  a.options.every(({ label }, i) => label === b.options[i]!.label);

/**
 * Index of the option that a word means: its number from 1, its whole label, or the only label
 * that begins with it, in any case. Throws `not_found` that lists what there is.
 */
export function findOption({ options }: Dialog, choice: string): number {
  const word = choice.trim().toLowerCase();
  const labels = options.map(({ label }) => label.toLowerCase());
  const whole = labels.indexOf(word);
  if (whole !== -1) return whole;
  if (/^\d+$/.test(word) && options[Number(word) - 1]) return Number(word) - 1;
  const begins = labels.flatMap((label, i) => (word !== "" && label.startsWith(word) ? [i] : []));
  if (begins.length === 1) return begins[0]!;
  const list = options.map(({ label }, i) => `${i + 1}. ${label}`).join("; ");
  const what = begins.length > 1 ? "means more than one option" : "is no option";
  throw new AppError("not_found", `"${choice}" ${what} of this dialog`, list);
}

const RULE = /^[\s│┃|]*[─━═╌▔▁]{8,}|^\s*[╭┌╔]/;
const FRAME = /^[\s│┃|]+|[\s│┃|]+$/g;
const SUBJECT_ROWS = 12;

/**
 * What a dialog asks about, as a command or a file: the rows between its upper edge and its options
 * without the question. `rows` are a screen's, without colours. Empty where nothing stands there.
 */
export function subjectOf(rows: readonly string[], { question, options }: Dialog): string {
  const labels = options.map(({ label }) => label.trim().split("\n")[0]!);
  const shows = (row: string | undefined, text: string | undefined) =>
    row !== undefined && text !== undefined && text !== "" && row.includes(text);
  // The lowest row with the first option: a label may also be written higher up.
  const first = rows.findLastIndex((row) => shows(row, labels[0]));
  const asked = question.trim().split("\n")[0]!;
  const asking = rows.findLastIndex((row, i) => (first < 0 || i < first) && shows(row, asked));
  const end = first < 0 ? asking : first;
  if (end < 0) return "";
  const clean = (row: string) => row.replace(FRAME, "");
  const below = rows
    .slice(asking + 1, end)
    .map(clean)
    .filter(Boolean);
  if (asking >= 0 && below.length > 0) return below.join(" ");
  const above = rows.slice(Math.max(0, end - SUBJECT_ROWS), asking < 0 ? end : asking);
  const edge = above.findLastIndex((row) => RULE.test(row));
  return above
    .slice(edge + 1)
    .map(clean)
    .filter(Boolean)
    .join(" ");
}
