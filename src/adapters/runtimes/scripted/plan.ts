import { statSync } from "node:fs";
import type { Letter } from "./letters.ts";
import { parseLetters } from "./letters.ts";
import type { Block } from "./record.ts";
import type { Script, Step } from "./rules.ts";
import { stepsFor } from "./rules.ts";

/** What a turn does: script steps, or what a prompt word asks for, taken as it stands. */
export type Action = Step | { stream: number } | { exit: number };

export interface Work {
  actions: Action[];
  letter: Letter | undefined;
  /** Fill placeholders: texts from a script, never texts from a prompt. */
  template: boolean;
}

const WORDS: { pattern: RegExp; action(argument: string): Action }[] = [
  { pattern: /^RUN: (.+)$/, action: (run) => ({ run }) },
  { pattern: /^ASK: (.+)$/, action: (ask) => ({ ask }) },
  { pattern: /^SLOW (\d+(?:\.\d+)?)\b/, action: (seconds) => ({ stream: Number(seconds) }) },
  { pattern: /^EXIT (\d+)\b/, action: (code) => ({ exit: Number(code) }) },
];

const READ = /^Read the whole file: (.+)$/;
/** What its tool gives back of one call. */
const PART = 30_000;

/** Reads a long task as a real agent would, in parts. */
function reading(path: string): Action[] {
  const file = `'${path.replaceAll("'", "'\\''")}'`;
  const parts = Math.ceil((statSync(path, { throwIfNoEntry: false })?.size ?? 0) / PART);
  return Array.from({ length: parts }, (_, n) => ({
    run: `tail -c +${n * PART + 1} ${file} | head -c ${PART}`,
  }));
}

export function promptWords(prompt: string): Action[] {
  return prompt.split("\n").flatMap((line) => {
    const path = READ.exec(line)?.[1];
    return path === undefined ? wordsOf(line) : reading(path);
  });
}

function wordsOf(line: string): Action[] {
  return WORDS.flatMap(({ pattern, action }) => {
    const argument = pattern.exec(line)?.[1];
    return argument === undefined ? [] : [action(argument)];
  });
}

/** Decides, from what a request brought, what the turn does next. Remembers letters by id. */
export class Planner {
  #script: Script;
  #handled = new Set<string>();
  #started = false;

  constructor(script: Script) {
    this.#script = script;
  }

  plan(blocks: readonly Block[]): Work[] {
    const said = blocks.filter((block) => block.role === "user");
    // Words steer only where a person types: mail that a hook injects must never run a command.
    const typed = said.filter((block) => !block.source.startsWith("hook:"));
    const work: Work[] = [];
    if (!this.#started && typed.length > 0) {
      this.#started = true;
      work.push({ actions: this.#script.onStart, letter: undefined, template: true });
    }
    const words = typed.flatMap((block) => promptWords(block.text));
    work.push({ actions: words, letter: undefined, template: false });
    for (const letter of this.#newLetters(blocks)) {
      work.push({ actions: stepsFor(letter, this.#script), letter, template: true });
    }
    const busy = work.filter(({ actions }) => actions.length > 0);
    const first = said[0];
    if (busy.length > 0 || !first) return busy;
    const say = `ECHO: ${first.text.trimStart().split("\n")[0]}`;
    return [{ actions: [{ say }], letter: undefined, template: false }];
  }

  #newLetters(blocks: readonly Block[]): Letter[] {
    const letters = blocks
      .filter((block) => block.source !== "tool")
      .flatMap((block) => parseLetters(block.text));
    return letters.filter(({ id }) => {
      if (this.#handled.has(id)) return false;
      this.#handled.add(id);
      return true;
    });
  }
}
