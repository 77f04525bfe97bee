import { parse } from "yaml";
import { AppError, unknownWord } from "../../../domain/errors.ts";
import type { Letter } from "./letters.ts";
import { type Habits, PROFILES } from "./profiles.ts";
import { checkCommand, checkText } from "./template.ts";

export type Step =
  | { say: string }
  | { think: number }
  | { run: string }
  | { ask: string }
  | { count: string }
  | { whenCount: { name: string; is: number; do: Step[] } };

export interface Rule {
  type: string | undefined;
  patterns: { part: "from" | "subject" | "body"; pattern: RegExp }[];
  steps: Step[];
}

export interface Script {
  habits: Habits;
  onStart: Step[];
  rules: Rule[];
  /** For a letter that no rule matches. */
  default: Step[];
}

const PLAIN = PROFILES.plain!;
const TIMES = [
  "swallowEnterMs",
  "readyMs",
  "dialogHoldMs",
  "dialogDeafMs",
  "keyMs",
  "hangMs",
] as const;
const STEP_WORDS = ["say", "think", "run", "ask", "count", "whenCount"];
const PARTS = ["from", "subject", "body"] as const;

export const EMPTY_SCRIPT: Script = { habits: PLAIN, onStart: [], rules: [], default: [] };

function wrong(where: string, wanted: string): AppError {
  return new AppError("usage", `${where}: expected ${wanted}`, "see docs/scripted-agent.md");
}

function toObject(value: unknown, where: string, known: readonly string[]) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw wrong(where, `a mapping with ${known.join(", ")}`);
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) throw unknownWord(`key at ${where}`, key, known);
  }
  return value as Record<string, unknown>;
}

function toText(value: unknown, where: string): string {
  if (typeof value !== "string") throw wrong(where, "a text");
  return value;
}

function toNumber(value: unknown, where: string): number {
  if (typeof value !== "number" || !(value >= 0)) throw wrong(where, "a number from 0 up");
  return value;
}

function toStep(value: unknown, where: string): Step {
  const step = toObject(value, where, STEP_WORDS);
  const [word, ...others] = Object.keys(step);
  if (word === undefined || others.length > 0)
    throw wrong(where, `one of ${STEP_WORDS.join(", ")}`);
  const at = `${where}.${word}`;
  if (word === "think") return { think: toNumber(step.think, at) };
  if (word === "whenCount") {
    const when = toObject(step.whenCount, at, ["name", "is", "do"]);
    return {
      whenCount: {
        name: toText(when.name, `${at}.name`),
        is: toNumber(when.is, `${at}.is`),
        do: toSteps(when.do, `${at}.do`),
      },
    };
  }
  const text = toText(step[word], at);
  if (word === "count") return { count: text };
  if (word === "say") {
    checkText(text, at);
    return { say: text };
  }
  checkCommand(text, at);
  return word === "run" ? { run: text } : { ask: text };
}

function toSteps(value: unknown, where: string): Step[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw wrong(where, "a list of steps");
  return value.map((step, i) => toStep(step, `${where}[${i}]`));
}

function toRule(value: unknown, where: string): Rule {
  const rule = toObject(value, where, ["when", "do"]);
  const when = toObject(rule.when ?? {}, `${where}.when`, ["type", ...PARTS]);
  const patterns = PARTS.filter((part) => when[part] !== undefined).map((part) => {
    const at = `${where}.when.${part}`;
    try {
      return { part, pattern: new RegExp(toText(when[part], at)) };
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      throw new AppError("usage", `${at}: ${(cause as Error).message}`, undefined, { cause });
    }
  });
  const type = when.type === undefined ? undefined : toText(when.type, `${where}.when.type`);
  return { type, patterns, steps: toSteps(rule.do, `${where}.do`) };
}

function toHabits(value: unknown, base: Habits): Habits {
  const habits = toObject(value ?? {}, "habits", [...TIMES, "placeholder"]);
  const times = TIMES.filter((name) => habits[name] !== undefined);
  return {
    ...base,
    ...Object.fromEntries(times.map((name) => [name, toNumber(habits[name], `habits.${name}`)])),
    placeholder: habits.placeholder === undefined ? base.placeholder : habits.placeholder === true,
  };
}

/** Throws an AppError that names the place in the file. `base`: habits that the file leaves out. */
export function parseScript(yaml: string, base: Habits = PLAIN): Script {
  const script = toObject(parse(yaml) ?? {}, "script", ["habits", "onStart", "rules", "default"]);
  if (script.rules !== undefined && !Array.isArray(script.rules)) {
    throw wrong("rules", "a list of { when, do }");
  }
  return {
    habits: toHabits(script.habits, base),
    onStart: toSteps(script.onStart, "onStart"),
    rules: (script.rules ?? []).map((rule: unknown, i: number) => toRule(rule, `rules[${i}]`)),
    default: toSteps(script.default, "default"),
  };
}

/** The steps of the first rule that matches, else the default ones. */
export function stepsFor(letter: Letter, script: Script): Step[] {
  const rule = script.rules.find(
    ({ type, patterns }) =>
      (type === undefined || type === letter.type) &&
      patterns.every(({ part, pattern }) => pattern.test(letter[part])),
  );
  return rule?.steps ?? script.default;
}
