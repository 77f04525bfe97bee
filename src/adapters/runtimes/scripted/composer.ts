import { type Habits, PROFILES } from "./profiles.ts";

const TOKEN_AT_END = /\[Pasted text #\d+(?: \+\d+ lines)?\]$/;
const TOKEN = /\[Pasted text #\d+(?: \+\d+ lines)?\]/g;

/** What an agent's composer keeps of outside text: tabs and invisible marks do not survive. */
export function plain(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/\t/g, "    ")
    .replace(
      /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g,
      "",
    );
}

/** The draft that a person or a paste builds; the cursor is always at its end. */
export class Composer {
  #draft = "";
  #pastes = new Map<string, string>();
  #pasteCount = 0;
  #habits: Pick<Habits, "collapseLines" | "collapseChars">;

  constructor(habits: Pick<Habits, "collapseLines" | "collapseChars"> = PROFILES.plain!) {
    this.#habits = habits;
  }

  /** As shown: a long paste stands as its token. */
  get draft(): string {
    return this.#draft;
  }

  type(text: string): void {
    this.#draft += plain(text);
  }

  paste(text: string): void {
    const clean = plain(text);
    const lines = clean.split("\n").length;
    const { collapseLines, collapseChars } = this.#habits;
    if (collapseLines === 0 || (lines < collapseLines && clean.length <= collapseChars)) {
      this.#draft += clean;
      return;
    }
    const more = lines > 1 ? ` +${lines - 1} lines` : "";
    const token = `[Pasted text #${++this.#pasteCount}${more}]`;
    this.#pastes.set(token, clean);
    this.#draft += token;
  }

  newline(): void {
    this.#draft += "\n";
  }

  backspace(): void {
    const token = TOKEN_AT_END.exec(this.#draft)?.[0];
    const length = token !== undefined && this.#pastes.has(token) ? token.length : 1;
    this.#draft =
      length > 1 ? this.#draft.slice(0, -length) : [...this.#draft].slice(0, -1).join("");
  }

  clear(): void {
    this.#draft = "";
  }

  /** Puts text in front of what stands there, as after an interrupt. */
  restore(text: string): void {
    this.#draft = this.#draft === "" ? text : `${text}\n${this.#draft}`;
  }

  /** Ends the draft: its text with pastes in full, without trailing blanks. */
  take(): string {
    const text = this.#draft.replace(TOKEN, (token) => this.#pastes.get(token) ?? token);
    this.#draft = "";
    return text.trimEnd();
  }
}
