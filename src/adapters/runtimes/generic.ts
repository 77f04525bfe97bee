import { basename, dirname } from "node:path";
import type { GenericSettings } from "../../domain/generic.ts";
import { head } from "../../domain/text.ts";
import type { Runtime, ScreenReading } from "../../ports/runtime.ts";
import type { Frame } from "../../ports/terminal.ts";
import { readLines, type Span } from "./sgr.ts";

const PROMPT = "{{prompt}}";
const SETTLE_MS = 100;
/** Nothing is known of it. */
const START_MS = 3_000;
const DETAIL_MAX = 80;
/** So many rows above the cursor may say what the program does. */
const ABOVE = 8;
/** A draft is looked for so many rows above the cursor. */
const WRAPPED = 60;

/**
 * A program that the config describes: it has no hooks and no files, so that its screen alone says
 * what it does, and letters are typed. One that reads line by line would submit at each newline:
 * they go on one line.
 */
export function generic(name: string, settings: GenericSettings): Runtime {
  const program = settings.command ?? name;
  const words = settings.args.filter((arg) => !arg.includes(PROMPT));
  return {
    name,
    measured: "as configured",
    program,
    startMs: START_MS,
    commands: settings.commands ?? [basename(program)],
    hooks: undefined,
    settleMs: settings.settleMs ?? SETTLE_MS,
    typing: { lines: false, room: 4_000, token: undefined },
    launch({ rolePrompt, firstPrompt }) {
      const prompt = [rolePrompt, firstPrompt].filter((text) => text !== "").join("\n\n");
      return {
        argv: [
          basename(program),
          ...settings.args.map((arg) => arg.replaceAll(PROMPT, () => prompt)),
        ],
        path: program.includes("/") ? [dirname(program)] : [],
        files: [],
        unsaid: words.length === settings.args.length ? prompt : "",
      };
    },
    isProgram(argv) {
      // An interpreter may stand before it.
      const at = argv.slice(0, 2).findIndex((word) => basename(word) === basename(program));
      const rest = argv.slice(at + 1);
      return at !== -1 && words.every((word) => rest.includes(word));
    },
    read: (frame) => readGeneric(frame, settings),
    facts: () => ({ facts: [], runtimeSession: undefined, transcript: undefined }),
  };
}

type Place = Pick<Frame, "cursorX" | "cursorY" | "width">;

/** Idle only where the prompt stands at the cursor, and neither a dialog nor work is shown. */
export function readGeneric(
  frame: Place & Pick<Frame, "lines">,
  settings: Pick<GenericSettings, "prompt" | "busy" | "dialog" | "error">,
): ScreenReading {
  const lines = readLines(frame.lines);
  const near = lines.slice(Math.max(0, frame.cursorY - ABOVE)).map(({ text }) => text);
  const shown = (pattern: string | undefined): string | undefined =>
    pattern === undefined ? undefined : new RegExp(pattern, "m").exec(near.join("\n"))?.[0];
  const draft = draftAt(lines, frame, settings.prompt);
  const question = shown(settings.dialog);
  const working = shown(settings.busy);
  const failed = shown(settings.error);
  const reading: ScreenReading = {
    focus: draft === undefined ? "none" : "composer",
    dialog: undefined,
    draft: draft ?? "",
    busy: working !== undefined,
    compacting: false,
    detail: draft === undefined ? "no prompt at the cursor" : "at its prompt",
    error: failed !== undefined,
  };
  const say = (text: string) => head(text.trim(), DETAIL_MAX);
  if (question !== undefined) {
    const dialog = { kind: "other" as const, question: say(question), options: [] };
    return { ...reading, focus: "dialog", draft: "", dialog, detail: `dialog: ${say(question)}` };
  }
  if (working !== undefined) return { ...reading, detail: say(working) };
  return failed === undefined ? reading : { ...reading, detail: say(failed) };
}

/** The draft in the cursor's line, which may be wrapped over rows that are full. */
function draftAt(
  lines: readonly { text: string; spans: Span[] }[],
  { cursorX, cursorY, width }: Place,
  prompt: string | undefined,
): string | undefined {
  if (prompt === undefined) return undefined;
  const pattern = new RegExp(prompt);
  // A row is printed without the spaces at its end, a prompt's own among them.
  const draft = (text: string) => pattern.exec(text.trimEnd().padEnd(cursorX))?.[1]?.trimEnd();
  const solid = (lines[cursorY]?.spans ?? []).filter(({ dim }) => !dim);
  const typed = draft(solid.map(({ text }) => text).join(""));
  if (typed !== undefined) return typed;
  let whole = lines[cursorY]?.text ?? "";
  for (let row = cursorY; row >= Math.max(0, cursorY - WRAPPED); row--) {
    if (row < cursorY) {
      const { text } = lines[row]!;
      if (text.length < width - 2) return undefined;
      whole = text.padEnd(width) + whole;
    }
    const found = draft(whole);
    if (found !== undefined) return found;
  }
  return undefined;
}
