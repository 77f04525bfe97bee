import { isStrayNotice } from "../../src/domain/notice.ts";
import type { Carrier } from "./carrier.ts";
import { holds, pause } from "./wait.ts";
import { AGENT, type World } from "./world.ts";

const SHOWN_MS = 500;
/** A program has begun with a prompt that it was given, or had queued, by then. */
export const BEGUN_MS = 1_500;
const WIDTH = 160;
/** A program that is asked for its size more often than this may miss one. */
const NARROW_MS = 1_000;
/** So often a draft is taken out before it is held for one that is not there. */
const SPOILT_AFTER = 8;
const squeeze = (text: string) => text.replace(/\s/g, "");

interface OwnDraft {
  text: string;
  shownAt: number;
}

/** The person at the agent's pane: sees the screen, types where the keys reach the composer. */
export class Person {
  /** What was typed and not submitted; undefined: nothing of theirs stands there. */
  draft: OwnDraft | undefined;
  /** Every text that was ever typed and left, and every prompt that was submitted. */
  readonly drafts: string[] = [];
  readonly prompts: string[] = [];
  broken: string[] = [];
  /** A prompt of theirs will be asked about. */
  hasAsked = false;
  /** When they submitted their last prompt (Unix ms). */
  enterAt = 0;
  /** What they typed and did not see: the program is held up, or something else took the keys. */
  #unseen: string | undefined;
  inputOff = false;
  inSync = false;
  #modeSince: number | undefined;
  #count = 0;
  #stays = { draft: "", times: 0 };
  #isTyping = false;
  #mark: string;
  #world: World;
  #carrier: Carrier;

  constructor(world: World, carrier: Carrier, mark: string) {
    this.#world = world;
    this.#carrier = carrier;
    this.#mark = mark;
  }

  get inMode(): boolean {
    return this.#modeSince !== undefined;
  }

  /** Types where an empty composer has the keys, and a word that tells this text from all others. */
  type(text: string): Promise<boolean> {
    return this.#byHand(() => this.#put(`${text} ${this.#word()}`));
  }

  /** One pair of hands: what is asked of them meanwhile is not done. */
  async #byHand(work: () => Promise<boolean>): Promise<boolean> {
    if (this.#isTyping) return false;
    this.#isTyping = true;
    try {
      return await work();
    } finally {
      this.#isTyping = false;
    }
  }

  #word(): string {
    return `q${this.#mark}-${this.#count++}`;
  }

  async #put(own: string): Promise<boolean> {
    if (this.draft || this.inMode || this.inputOff || this.inSync) return false;
    if (this.#unseen !== undefined) return false;
    // The dialog of a prompt may open just now, and take a digit or Enter as the person's yes. For a
    // moment after its Enter, and before a queued one, the program is idle all the same.
    const isBusy = async () => !(await this.#world.is("idle"));
    if (this.hasAsked && (await holds(isBusy, BEGUN_MS))) return false;
    const before = this.#world.reading();
    if (before?.focus !== "composer") return false;
    if (before.draft !== "" && !isStrayNotice(before.draft)) return false;
    this.keys("-l", "--", own);
    const shown = () => squeeze(this.#world.reading()?.draft ?? "").includes(squeeze(own));
    // Nobody but the person may submit it, seen or not.
    this.drafts.push(own);
    this.#unseen = own;
    if (!(await holds(shown, SHOWN_MS))) {
      // A prompt without a word of its own may have been given before.
      if (!own.includes(`q${this.#mark}-`)) this.drafts.pop();
      return false;
    }
    this.#unseen = undefined;
    this.draft = { text: own, shownAt: Date.now() };
    return true;
  }

  /** A prompt of the person's own, typed into an empty composer and submitted. */
  submit(text: string): Promise<boolean> {
    return this.#byHand(() => this.#submit(text));
  }

  async #submit(text: string): Promise<boolean> {
    if (this.#world.reading()?.draft !== "") return false;
    if (!(await this.#put(this.#world.subject.prompt(text, this.#word())))) return false;
    await pause(this.#world.subject.settleMs);
    const { draft } = this;
    if (!draft || !this.#isAsTyped(draft)) return false;
    this.keys("Enter");
    this.enterAt = Date.now();
    this.hasAsked ||= text.startsWith("ASK");
    this.draft = undefined;
    this.drafts.pop();
    // A prompt without a word of its own, as some programs need, cannot be counted.
    if (draft.text.includes(`q${this.#mark}-`)) this.prompts.push(draft.text);
    return true;
  }

  /** Takes back what stands in the composer. */
  clear(): void {
    this.check();
    if (this.inMode || this.inputOff || this.inSync) return;
    const reading = this.#world.reading();
    if (reading?.focus !== "composer" || reading.draft === "") return;
    if (isStrayNotice(reading.draft) && !this.draft) return;
    this.keys(...this.#world.subject.clear(reading.draft));
    this.draft = undefined;
    if (this.#unseen && squeeze(reading.draft).includes(squeeze(this.#unseen)))
      this.#unseen = undefined;
  }

  /**
   * Answers what asks them, and takes the words out of the composer. What stays there all the same,
   * only the screen has: they make the window narrower for a moment.
   */
  async tidy(areSeen: boolean): Promise<void> {
    const reading = this.#world.reading();
    if (reading?.focus === "dialog") return this.escape();
    if (!reading || reading.draft === "") return;
    const isStray = isStrayNotice(reading.draft);
    if (isStray && !areSeen) return;
    this.clear();
    if (isStray) this.keys("C-u");
    if (this.#stays.draft !== reading.draft) this.#stays = { draft: reading.draft, times: 0 };
    if (++this.#stays.times % SPOILT_AFTER !== 0) return;
    for (const columns of [WIDTH - 1, WIDTH]) {
      this.#world.tmux("resize-window", "-t", `=${AGENT}:`, "-x", String(columns));
      await pause(NARROW_MS);
    }
  }

  /** Esc gives queued texts back to the composer: what stands there then is the program's doing. */
  escape(): void {
    if (this.inMode || this.inputOff || this.inSync) return;
    this.check();
    this.draft = undefined;
    this.keys("Escape");
  }

  /** When the last paste or Enter of ours went in (Unix ms). */
  get lastWrite(): number {
    return this.#carrier.lastWrite;
  }

  get seesDialog(): boolean {
    return this.#world.reading()?.focus === "dialog";
  }

  mode(verb: string): void {
    if (this.inMode) return;
    if (this.#world.tmux(verb, "-t", `=${AGENT}:`) !== undefined) this.#modeSince = Date.now();
  }

  leave(graceMs: number): void {
    if (this.#modeSince !== undefined && Date.now() - this.#modeSince < graceMs) {
      const shows = this.#world.tmux(
        "display-message",
        "-p",
        "-t",
        `=${AGENT}:`,
        "#{pane_in_mode}",
      );
      if (shows?.trim() === "0") this.broken.push("mode: a reader was moved out of it");
      if (this.#carrier.lastWrite > this.#modeSince) {
        this.broken.push("mode: something was typed while a person read");
      }
    }
    this.#modeSince = undefined;
    this.#world.tmux("copy-mode", "-q", "-t", `=${AGENT}:`);
  }

  input(on: boolean): void {
    this.#world.tmux("select-pane", on ? "-e" : "-d", "-t", `=${AGENT}:`);
    this.inputOff = !on;
  }

  sync(on: boolean): void {
    if (on === this.inSync) return;
    const target = `=${AGENT}:`;
    if (on) {
      const split = this.#world.tmux("split-window", "-d", "-t", target, this.#world.recorder());
      if (split === undefined) return;
    }
    const words = ["synchronize-panes", on ? "on" : "off"];
    // Not where nobody answers: it stays as it is.
    if (this.#world.tmux("set-option", "-w", "-t", target, ...words) === undefined) return;
    if (!on) this.#world.tmux("kill-pane", "-a", "-t", target);
    this.inSync = on;
  }

  /** The pane is not there any more, and nothing of the person's is. */
  lost(): void {
    this.draft = undefined;
    this.#unseen = undefined;
    this.#modeSince = undefined;
    this.inputOff = false;
    this.inSync = false;
  }

  keys(...keys: string[]): void {
    this.#world.tmux("send-keys", "-t", `=${AGENT}:`, ...keys);
  }

  /** A draft that was to be seen before the last paste is as it was typed. */
  check(): void {
    const { draft } = this;
    if (!draft || this.inMode || this.#carrier.lastPaste <= draft.shownAt) return;
    const reading = this.#world.reading();
    if (reading?.focus !== "composer" || this.#isAsTyped(draft)) return;
    this.broken.push(`draft changed: ${JSON.stringify(draft.text)} is ${reading.draft}`);
  }

  #isAsTyped({ text }: OwnDraft): boolean {
    return squeeze(this.#world.reading()?.draft ?? "") === squeeze(text);
  }
}
