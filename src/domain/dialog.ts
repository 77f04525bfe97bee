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
