import { Composer } from "./composer.ts";
import { type InputEvent, type Key, KeyParser } from "./keys.ts";
import type { Habits } from "./profiles.ts";
import type { Dialog, Tool } from "./tool.ts";
import type { Turns } from "./turn.ts";

const LONE_ESCAPE_MS = 30;
const EXIT_TWICE_MS = 1_000;

export interface KeyboardOptions {
  habits: Habits;
  turns: Turns;
  tool: Tool;
  changed(): void;
  exit(): void;
}

/** What keys do: edit the draft, submit, interrupt, answer the dialog, leave. */
export class Keyboard {
  readonly composer: Composer;
  hint = "";
  #options: KeyboardOptions;
  #parser = new KeyParser();
  #escapeTimer: NodeJS.Timeout | undefined;
  #ready = false;
  #lastKeyAt = 0;
  #pastedAt = 0;
  #startedAt = Date.now();
  #readBy = 0;

  constructor(options: KeyboardOptions) {
    this.#options = options;
    this.composer = new Composer(options.habits);
  }

  quietFor(): number {
    return Date.now() - this.#lastKeyAt;
  }

  /** From `habits.readyMs` after the start on, Enter counts. */
  open(ready: () => void): void {
    const left = this.#startedAt + this.#options.habits.readyMs - Date.now();
    setTimeout(
      () => {
        this.#ready = true;
        ready();
      },
      Math.max(0, left),
    );
  }

  placeholder(): string {
    const { turns, habits } = this.#options;
    if (!turns.queue.isEmpty) return "Press up to edit queued messages";
    return habits.placeholder && turns.busySince === null ? 'Try "edit <file>"' : "";
  }

  feed(bytes: Buffer): void {
    clearTimeout(this.#escapeTimer);
    this.#handle(this.#parser.feed(bytes));
    if (this.#parser.undecided) {
      this.#escapeTimer = setTimeout(() => this.#handle(this.#parser.settle()), LONE_ESCAPE_MS);
    }
  }

  #handle(events: InputEvent[]): void {
    const { keyMs } = this.#options.habits;
    for (const event of events) {
      if (keyMs === 0) this.#take(event);
      else {
        this.#readBy = Math.max(this.#readBy, Date.now()) + keyMs;
        setTimeout(() => {
          this.#take(event);
          this.#options.changed();
        }, this.#readBy - Date.now());
      }
    }
    this.#options.changed();
  }

  #take(event: InputEvent): void {
    const { dialog } = this.#options.tool;
    this.#lastKeyAt = Date.now();
    if (dialog) this.#answer(dialog, event);
    else if (event.type === "text") this.composer.type(event.text);
    else if (event.type === "key") this.#press(event.key);
    else this.#paste(event.text);
  }

  #paste(text: string): void {
    const delay = Math.round((this.#options.habits.pasteDelayMs * text.length) / 1_000);
    // Until it stands there, no Enter counts.
    this.#pastedAt = Date.now() + delay;
    if (delay === 0) this.composer.paste(text);
    else {
      setTimeout(() => {
        this.composer.paste(text);
        this.#options.changed();
      }, delay);
    }
  }

  #press(key: Key): void {
    const { turns } = this.#options;
    if (key === "enter" || key === "tab") this.#enter(key === "tab");
    else if (key === "newline") this.composer.newline();
    else if (key === "backspace") this.composer.backspace();
    else if (key === "clear") this.composer.clear();
    else if (key === "escape") turns.interrupt();
    else if (key === "interrupt") this.#controlC();
    else if (key === "end" && this.composer.draft === "") this.#options.exit();
    else if (key === "up" && this.composer.draft === "") this.composer.restore(turns.recall());
  }

  #enter(isTab: boolean): void {
    const { turns, habits, exit } = this.#options;
    if (isTab && !habits.enterCuts) return;
    if (!this.#ready || Date.now() - this.#pastedAt < habits.swallowEnterMs) return;
    if (this.composer.draft.endsWith("\\")) {
      this.composer.backspace();
      this.composer.newline();
      return;
    }
    const text = this.composer.take();
    if (text === "/exit") exit();
    else if (text !== "") turns.submit(text, habits.enterCuts && !isTab);
  }

  #controlC(): void {
    if (this.#options.turns.busySince !== null) this.#options.turns.interrupt();
    else if (this.composer.draft !== "") this.composer.clear();
    else if (this.hint !== "") this.#options.exit();
    else {
      this.hint = "Press Ctrl-C again to exit";
      setTimeout(() => {
        this.hint = "";
        this.#options.changed();
      }, EXIT_TWICE_MS);
    }
  }

  /** Keys of the dialog, whose marker goes round; text that is pasted at it is lost. */
  #answer(dialog: Dialog, event: InputEvent): void {
    const { typedYes, dialogDeafMs } = this.#options.habits;
    if (event.type === "text" && event.text === "1") dialog.answer(true);
    else if (typedYes && event.type === "text" && event.text.startsWith("y")) dialog.answer(true);
    else if (event.type === "text" && event.text === "2") dialog.answer(false);
    else if (event.type !== "key") return;
    else if (event.key === "enter" && Date.now() - dialog.openedAt >= dialogDeafMs)
      dialog.answer(dialog.selected === 0);
    else if (event.key === "up" || event.key === "down") dialog.selected = dialog.selected ? 0 : 1;
    else if (event.key === "escape" || event.key === "interrupt") dialog.answer(false);
  }
}
