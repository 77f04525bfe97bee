import type { ReadStream, WriteStream } from "node:tty";
import { paint, renderFrame, type View } from "./screen.ts";

const ENTER = "\u001b[?1049h\u001b[?2004h";
const LEAVE = "\u001b[?2004l\u001b[?1049l\u001b[?25h";
const SPINNER_MS = 250;

export interface TerminalOptions {
  view(): View;
  keys(bytes: Buffer): void;
  /** The terminal was closed. */
  gone(): void;
}

/** Draws the view on the alternate screen and passes the keys on. */
export class Terminal {
  #stdin: ReadStream;
  #stdout: WriteStream;
  #options: TerminalOptions;
  #last = "";
  #due = false;
  #spinner: NodeJS.Timeout | undefined;

  constructor(stdin: ReadStream, stdout: WriteStream, options: TerminalOptions) {
    this.#stdin = stdin;
    this.#stdout = stdout;
    this.#options = options;
  }

  enter(): void {
    const { keys, gone } = this.#options;
    this.#stdout.on("error", gone);
    // Not "resize": one there and back while we hang leaves a cut screen and the same size.
    process.on("SIGWINCH", () => {
      this.#last = "";
      this.changed();
    });
    this.#stdout.write(ENTER);
    this.#stdin.setRawMode(true).on("data", keys).on("end", gone).on("error", gone);
    this.#spinner = setInterval(() => this.changed(), SPINNER_MS);
    this.changed();
  }

  leave(): void {
    clearInterval(this.#spinner);
    this.#due = true;
    this.#stdout.write(LEAVE);
    this.#stdin.setRawMode(false);
  }

  /** Draws soon, once for all changes of this tick; an unchanged frame is not written again. */
  changed(): void {
    if (this.#due) return;
    this.#due = true;
    setImmediate(() => {
      this.#due = false;
      this.#draw();
    });
  }

  #draw(): void {
    const { columns, rows } = this.#stdout;
    const bytes = paint(renderFrame(this.#options.view(), columns || 80, rows || 24));
    if (bytes === this.#last) return;
    this.#last = bytes;
    this.#stdout.write(bytes);
  }
}
