import { StringDecoder } from "node:string_decoder";

export type Key =
  | "enter"
  | "newline"
  | "backspace"
  | "escape"
  | "up"
  | "down"
  | "clear"
  | "interrupt"
  | "end"
  | "tab"
  | "other";

export type InputEvent =
  | { type: "text"; text: string }
  | { type: "paste"; text: string }
  | { type: "key"; key: Key };

const PASTE_START = "\u001b[200~";
const PASTE_END = "\u001b[201~";
const CSI = /\u001b\[[0-?]*[ -/]*[@-~]/y;
const CSI_BEGUN = /\u001b(\[[0-?]*[ -/]*|O)?$/y;
const PRINTABLE = /[^\u0000-\u001f\u007f]+/y;

const CONTROL_KEYS: Readonly<Record<string, Key>> = {
  "\r": "enter",
  "\n": "newline",
  "\u007f": "backspace",
  "\b": "backspace",
  "\u0015": "clear",
  "\u0003": "interrupt",
  "\u0004": "end",
  "\t": "tab",
};

const SEQUENCE_KEYS: Readonly<Record<string, Key>> = {
  "\u001b[A": "up",
  "\u001bOA": "up",
  "\u001b[B": "down",
  "\u001bOB": "down",
};

/**
 * Turns the bytes of a terminal into keys, typed text and whole pastes. Reads may cut a character,
 * an escape sequence or a paste marker anywhere.
 */
export class KeyParser {
  #decoder = new StringDecoder("utf8");
  #rest = "";
  /** The parts of a paste that has begun; null outside one. */
  #paste: string[] | null = null;

  /** A lone ESC came last: the Escape key, unless more bytes follow soon. */
  get undecided(): boolean {
    return this.#paste === null && this.#rest === "\u001b";
  }

  /** No more bytes followed the lone ESC. */
  settle(): InputEvent[] {
    if (!this.undecided) return [];
    this.#rest = "";
    return [{ type: "key", key: "escape" }];
  }

  feed(bytes: Buffer): InputEvent[] {
    const events: InputEvent[] = [];
    let data = this.#rest + this.#decoder.write(bytes);
    this.#rest = "";
    while (data !== "") data = this.#paste ? this.#inPaste(data, events) : this.#keys(data, events);
    return events;
  }

  #inPaste(data: string, events: InputEvent[]): string {
    const end = data.indexOf(PASTE_END);
    if (end < 0) {
      const keep = Math.min(data.length, PASTE_END.length - 1);
      this.#paste?.push(data.slice(0, data.length - keep));
      this.#rest = data.slice(data.length - keep);
      return "";
    }
    events.push({ type: "paste", text: [...(this.#paste ?? []), data.slice(0, end)].join("") });
    this.#paste = null;
    return data.slice(end + PASTE_END.length);
  }

  #keys(data: string, events: InputEvent[]): string {
    let at = 0;
    const match = (pattern: RegExp) => {
      pattern.lastIndex = at;
      return pattern.exec(data)?.[0];
    };
    while (at < data.length) {
      if (data.startsWith(PASTE_START, at)) {
        this.#paste = [];
        return data.slice(at + PASTE_START.length);
      }
      const text = match(PRINTABLE);
      if (text !== undefined) {
        events.push({ type: "text", text });
        at += text.length;
        continue;
      }
      if (data[at] !== "\u001b") {
        events.push({ type: "key", key: CONTROL_KEYS[data[at] ?? ""] ?? "other" });
        at++;
        continue;
      }
      if (match(CSI_BEGUN) !== undefined) {
        this.#rest = data.slice(at);
        return "";
      }
      at += this.#escape(match(CSI) ?? data.slice(at, at + (data[at + 1] === "O" ? 3 : 2)), events);
    }
    return "";
  }

  /** One escape sequence; returns its length. */
  #escape(sequence: string, events: InputEvent[]): number {
    if (sequence === "\u001b\u001b") {
      events.push({ type: "key", key: "escape" });
      return 1;
    }
    const key = sequence === "\u001b\r" ? "newline" : (SEQUENCE_KEYS[sequence] ?? "other");
    events.push({ type: "key", key });
    return sequence.length;
  }
}
