import { AppError } from "../../domain/errors.ts";
import { append, lineOf, removeAt, strict } from "../json-edit.ts";

/** Every entry of ours ends in this shell comment: it is how we know it again. */
export const TAG = "# overture";

interface Entry {
  matcher?: string;
  hooks: Hook[];
}

interface Hook {
  type: string;
  command?: string;
  timeout?: number;
  asyncRewake?: boolean;
}

/** A settings file with hooks, in the form that Claude Code and Gemini CLI share. */
export interface HookSettings {
  hooks?: Record<string, Entry[]>;
  [key: string]: unknown;
}

const repair = (message: string, cause?: unknown) =>
  new AppError("refused", `${message}; nothing was changed`, "repair it first", { cause });

/** Comments, last commas and a byte order mark are allowed. `file`: for a person who must repair it. */
export function parseSettings(text: string | undefined, file = "the settings file"): HookSettings {
  if (text === undefined || text.trim() === "") return {};
  const value = read(text, file);
  if (isPlain(value)) return value as HookSettings;
  throw repair(`${file}:1: this is not a JSON object`);
}

function read(text: string, file: string): unknown {
  // What programs write is strict, and hooks are read all the time.
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  try {
    return JSON.parse(strict(text).trimEnd());
  } catch (cause) {
    const [, line = text.trimEnd().split("\n").length] =
      /\(line (\d+) column/.exec((cause as Error).message) ?? [];
    throw repair(`${file}:${line}: this is not JSON`, cause);
  }
}

export const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const WORDS: Record<string, string> = {
  array: "a list",
  object: "an object",
  string: "a string",
  number: "a number",
  boolean: "true or false",
};

/** Throws `refused`, with the line, where a value has another form than its program reads. */
export function checkForm(
  text: string,
  file: string,
  path: readonly string[],
  form: "object" | "list",
): void {
  const settings: unknown = parseSettings(text, file);
  const value = path.reduce<unknown>((at, key) => (isPlain(at) ? at[key] : undefined), settings);
  if (value === undefined || (form === "list" ? Array.isArray(value) : isPlain(value))) return;
  const what = value === null ? "null" : WORDS[Array.isArray(value) ? "array" : typeof value];
  const name = path.join(".");
  throw repair(`${file}:${lineOf(text, path)}: ${name} is ${what}, and no ${form}`);
}

export const isOurs = (hook: { command?: string }): boolean =>
  hook.command?.trimEnd().endsWith(TAG) ?? false;

/** The entries of ours in a settings file, whatever its form. Throws for what is no JSON. */
export function ourHooks(text: string): { command: string }[] {
  const found: { command: string }[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { command } = value as { command?: unknown };
    if (typeof command === "string" && isOurs({ command })) found.push({ ...value, command });
    for (const inner of Object.values(value)) visit(inner);
  };
  visit(parseSettings(text));
  return found;
}

interface OurHooks {
  /** The settings file, for a person who must repair it. */
  file: string;
  /** Our entry at each event of theirs. */
  entries: Readonly<Record<string, object>>;
}

const hooksOf = (entry: unknown): unknown[] =>
  isPlain(entry) && Array.isArray(entry.hooks) ? entry.hooks : [];
const isOne = (hook: unknown): boolean => isPlain(hook) && isOurs(hook as { command?: string });

/** The entries at an event, whatever its form: older forms keep switches among the events. */
function entriesAt(settings: HookSettings, event: string): unknown[] {
  const { hooks } = settings as { hooks?: unknown };
  const entries = isPlain(hooks) ? hooks[event] : undefined;
  return Array.isArray(entries) ? entries : [];
}

/** Whether a hook of ours is at this event. */
export const hasOurs = (settings: HookSettings, event: string): boolean =>
  entriesAt(settings, event).some((entry) => hooksOf(entry).some(isOne));

/** The text with our entries behind a person's own; all else is as it was, in its own layout. */
export function installHooks(current: string | undefined, { file, entries }: OurHooks): string {
  const text = current === undefined || current.trim() === "" ? "{}\n" : current;
  checkForm(text, file, ["hooks"], "object");
  for (const event of Object.keys(entries)) checkForm(text, file, ["hooks", event], "list");
  const settings = parseSettings(text, file);
  const { hooks = {} } = settings;
  const found = Object.keys(hooks).flatMap((event) =>
    entriesAt(settings, event)
      .filter((entry) => hooksOf(entry).some(isOne))
      .map((entry) => JSON.stringify([event, entry])),
  );
  const wanted = Object.entries(entries).map((entry) => JSON.stringify(entry));
  if (found.toSorted().join() === wanted.toSorted().join()) return text;
  return Object.entries(entries).reduce(
    (done, [event, entry]) => append(done, ["hooks", event], entry),
    uninstallHooks(text, file),
  );
}

/** The text without our hooks, and without what held nothing else. */
export function uninstallHooks(text: string, file: string): string {
  const { hooks } = parseSettings(text, file);
  let done = text;
  let left = isPlain(hooks) ? Object.keys(hooks).length : 0;
  if (!isPlain(hooks)) return text;
  for (const event of Object.keys(hooks)) {
    const entries = entriesAt({ hooks }, event);
    const ours = entries.map((entry) => hooksOf(entry).map(isOne));
    const gone = ours.map((list) => list.length > 0 && list.every(Boolean));
    if (gone.length > 0 && gone.every(Boolean)) {
      done = removeAt(done, ["hooks", event]);
      left--;
      continue;
    }
    for (let i = entries.length - 1; i >= 0; i--) {
      if (gone[i]) done = removeAt(done, ["hooks", event, i]);
      else
        for (let j = ours[i]!.length - 1; j >= 0; j--)
          if (ours[i]![j]) done = removeAt(done, ["hooks", event, i, "hooks", j]);
    }
  }
  return left === 0 && done !== text ? removeAt(done, ["hooks"]) : done;
}

/** Ends as the file did that it replaces. */
export function printSettings(settings: HookSettings, current = ""): string {
  const end = current === "" || current.endsWith("\n") ? "\n" : "";
  return `${JSON.stringify(settings, null, 2)}${end}`;
}
