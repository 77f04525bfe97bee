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
}
