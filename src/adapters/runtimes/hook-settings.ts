import { AppError } from "../../domain/errors.ts";

/** Every entry of ours ends in this shell comment: it is how we know it again. */
export const TAG = "# overture";

interface Entry {
  matcher?: string;
  hooks: { type: string; command?: string; timeout?: number; asyncRewake?: boolean }[];
}

/** A settings file with hooks, in the form that Claude Code and Gemini CLI share. */
export interface HookSettings {
  hooks?: Record<string, Entry[]>;
  [key: string]: unknown;
}

export function parseSettings(text: string | undefined): HookSettings {
  if (text === undefined || text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as HookSettings;
  } catch (cause) {
    throw new AppError("refused", "the settings file is not JSON", "repair it first", { cause });
  }
  throw new AppError("refused", "the settings file is not a JSON object", "repair it first");
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

export function withoutOurs(settings: HookSettings): HookSettings {
  const { hooks, ...rest } = settings;
  if (hooks === undefined) return settings;
  const kept = Object.entries(hooks)
    .map(([event, entries]) => {
      // Older forms of these programs keep switches among the events.
      if (!Array.isArray(entries)) return [event, entries, 0] as const;
      const others = entries
        .map((entry) => (entry.hooks.some(isOurs) ? othersOf(entry) : entry))
        .filter((entry) => entry !== undefined);
      return [event, others, entries.length] as const;
    })
    .filter(([, others, before]) => before === 0 || others.length > 0);
  const left = Object.fromEntries(kept.map(([event, others]) => [event, others]));
  const empty = kept.length === 0 && Object.keys(hooks).length > 0;
  return empty ? rest : { ...settings, hooks: left };
}

function othersOf(entry: Entry): Entry | undefined {
  const hooks = entry.hooks.filter((hook) => !isOurs(hook));
  return hooks.length > 0 ? { ...entry, hooks } : undefined;
}

/** Ends as the file did that it replaces. */
export function printSettings(settings: HookSettings, current = ""): string {
  const end = current === "" || current.endsWith("\n") ? "\n" : "";
  return `${JSON.stringify(settings, null, 2)}${end}`;
}
