/**
 * What the scripted model answers. A rule sees one turn, whatever API it came in by; the first
 * whose pattern matches the last thing a person (or a pasted notice) said decides.
 */

import { readFileSync } from "node:fs";

/** One request, read into the same shape for every API. */
export interface Turn {
  /**
   * The last real user text: what hooks and the runtime add around it is left out. Empty when the
   * model was woken by context alone (a rewake, a stop hook's additionalContext).
   */
  prompt: string;
  /** Results of the tools that ran after `prompt`, oldest first; empty on the first request. */
  toolResults: string[];
  /** What hooks and the runtime added since the last answer (reminders, injected mail). */
  context: string;
  /**
   * All the request holds that the model did not say itself: system text, the whole history of
   * prompts, tool results and injections. A letter reached the model once when its id is once in
   * the `given` of the conversation's last request (later requests repeat the history, and an
   * ECHO repeats it once more, on the model's side).
   */
  given: string;
  /** How often this same prompt, with as many tool results, came before: 0 the first time. */
  attempt: number;
}

export type Answer =
  /** `seconds`: spread the words over that long; otherwise all at once. */
  | { type: "text"; text: string; seconds?: number }
  | { type: "shell"; command: string }
  | { type: "tool"; name: string; input: unknown }
  | { type: "fail"; status: number };

export interface Rule {
  name: string;
  pattern: RegExp;
  answer(match: RegExpMatchArray, turn: Turn): Answer;
}

const WORDS_A_SECOND = 5;

/** A tool call first, and once its result is there, the result as text. */
function toolThenReport(turn: Turn, call: Answer): Answer {
  const result = turn.toolResults.at(-1);
  return result === undefined ? call : { type: "text", text: `done: ${result}` };
}

const slowly = (seconds: number): Answer => {
  const length = Math.max(1, Math.round(seconds * WORDS_A_SECOND));
  const text = Array.from({ length }, (_, i) => `word${i + 1}`).join(" ");
  return { type: "text", text, seconds };
};

/** Lines of a file that one call of Claude Code's Read gives. */
const LINES = 400;

/** Reads a file as Claude Code does, part by part. */
function readOn([, path = ""]: RegExpMatchArray, turn: Turn): Answer {
  const lines = readFileSync(path, "utf8").split("\n").length;
  const offset = turn.toolResults.length * LINES + 1;
  if (offset > lines) return { type: "text", text: "read all of it" };
  return { type: "tool", name: "Read", input: { file_path: path, offset, limit: LINES } };
}

export const RULES: readonly Rule[] = [
  { name: "read", pattern: /^Read the whole file: (.+)$/m, answer: readOn },
  {
    name: "run",
    pattern: /^RUN: ([\s\S]+)$/,
    answer: ([, command = ""], turn) => toolThenReport(turn, { type: "shell", command }),
  },
  {
    name: "call",
    pattern: /^CALL: (\S+) (\{[\s\S]*\})\s*$/,
    answer: ([, name = "", json = "{}"], turn) =>
      toolThenReport(turn, { type: "tool", name, input: JSON.parse(json) }),
  },
  {
    // A tool, and then a report that takes so many seconds.
    name: "report",
    pattern: /^REPORT (\d+): ([\s\S]+)$/,
    answer: ([, seconds, command = ""], turn) =>
      turn.toolResults.length === 0 ? { type: "shell", command } : slowly(Number(seconds)),
  },
  {
    name: "slow",
    pattern: /^SLOW (\d+(?:\.\d+)?)/,
    answer: ([, seconds]) => slowly(Number(seconds)),
  },
  {
    // `FAIL 400` for ever; `FAIL 500 2` twice, then an answer: agents retry some statuses.
    name: "fail",
    pattern: /^FAIL (\d{3})(?: (\d+))?/,
    answer: ([, status, times], turn) =>
      times !== undefined && turn.attempt >= Number(times)
        ? { type: "text", text: "recovered" }
        : { type: "fail", status: Number(status) },
  },
  { name: "noted", pattern: /^$/, answer: () => ({ type: "text", text: "noted" }) },
  {
    name: "echo",
    pattern: /^[\s\S]*$/,
    answer: (_, turn) => ({ type: "text", text: `ECHO: ${turn.prompt}` }),
  },
];

/** `first` go before the built-in rules. Throws when a CALL holds bad JSON. */
export function answerTo(turn: Turn, first: readonly Rule[] = []): Answer {
  for (const rule of [...first, ...RULES]) {
    const match = turn.prompt.match(rule.pattern);
    if (match) return rule.answer(match, turn);
  }
  throw new Error(`no rule for ${JSON.stringify(turn.prompt)}`);
}

/** The text in the pieces it is streamed in, with the waits in between. Joined, it is the text. */
export async function* pieces(
  answer: { text: string; seconds?: number },
  wait: (ms: number) => Promise<void>,
): AsyncGenerator<string> {
  const words = answer.text.split(/(?<= )/);
  const gap = answer.seconds === undefined ? 0 : (answer.seconds * 1000) / words.length;
  for (const word of words) {
    yield word;
    if (gap > 0) await wait(gap);
  }
}
