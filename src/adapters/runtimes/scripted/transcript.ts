export interface Entry {
  kind: "prompt" | "answer" | "note";
  text: string;
}

const KEPT = 300;

/** What the screen shows above the composer, oldest first. */
export class Transcript {
  readonly entries: Entry[] = [];
  /** Asks for a new frame. */
  readonly changed: () => void;

  constructor(changed: () => void) {
    this.changed = changed;
  }

  prompt(text: string): Entry {
    return this.#add("prompt", text);
  }

  answer(text: string): Entry {
    return this.#add("answer", text);
  }

  /** Tool output, and what the program itself has to say. */
  note(text: string): Entry {
    return this.#add("note", text);
  }

  remove(entry: Entry): void {
    const at = this.entries.indexOf(entry);
    if (at >= 0) this.entries.splice(at, 1);
    this.changed();
  }

  #add(kind: Entry["kind"], text: string): Entry {
    const entry: Entry = { kind, text };
    this.entries.push(entry);
    if (this.entries.length > KEPT) this.entries.shift();
    this.changed();
    return entry;
  }
}
