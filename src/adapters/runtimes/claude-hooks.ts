import { AppError } from "../../domain/errors.ts";
import type { HookCall, HookDialect } from "../../ports/runtime.ts";

/** Every entry of ours ends in this shell comment: it is how we know it again. */
const TAG = "# overture";
/** What a hook may take, in seconds. */
export const TIMEOUT_S = 5;

interface Entry {
  matcher?: string;
  hooks: { type: string; command?: string; timeout?: number; asyncRewake?: boolean }[];
}
interface Settings {
  hooks?: Record<string, Entry[]>;
  [key: string]: unknown;
}

function parse(text: string | undefined): Settings {
  if (text === undefined || text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Settings;
  } catch (cause) {
    throw new AppError("refused", "the settings file is not JSON", "repair it first", { cause });
  }
  throw new AppError("refused", "the settings file is not a JSON object", "repair it first");
}

const isOurs = (hook: { command?: string }) => hook.command?.trimEnd().endsWith(TAG) ?? false;

function without(settings: Settings): Settings {
  const { hooks, ...rest } = settings;
  if (hooks === undefined) return settings;
  const kept = Object.entries(hooks)
    .map(([event, entries]) => {
      const others = entries
        .map((entry) => (entry.hooks.some(isOurs) ? withoutOurs(entry) : entry))
        .filter((entry) => entry !== undefined);
      return [event, others, entries.length] as const;
    })
    .filter(([, others, before]) => others.length > 0 || before === 0);
  const left = Object.fromEntries(kept.map(([event, others]) => [event, others]));
  const empty = kept.length === 0 && Object.keys(hooks).length > 0;
  return empty ? rest : { ...settings, hooks: left };
}

function withoutOurs(entry: Entry): Entry | undefined {
  const hooks = entry.hooks.filter((hook) => !isOurs(hook));
  return hooks.length > 0 ? { ...entry, hooks } : undefined;
}

/** Ends as the file did that it replaces. */
function print(settings: Settings, current = ""): string {
  const end = current === "" || current.endsWith("\n") ? "\n" : "";
  return `${JSON.stringify(settings, null, 2)}${end}`;
}
const EVENTS = ["SessionStart", "UserPromptSubmit", "PostToolUse", "Stop"] as const;

/** Writes our entries; `more` is what a runtime wants in them beside the command. */
export function installer(more: (event: string) => object): HookDialect["install"] {
  return (current, command) => {
    const settings = without(parse(current));
    const hooks = { ...settings.hooks };
    for (const event of EVENTS) {
      const hook = { type: "command", command: `${command(event)} ${TAG}`, timeout: TIMEOUT_S };
      hooks[event] = [...(hooks[event] ?? []), { hooks: [{ ...hook, ...more(event) }] }];
    }
    return print({ ...settings, hooks }, current);
  };
}

/** Hooks in Claude Code's form (2.1.329), which the scripted agent shares. */
export const claudeHooks: HookDialect = {
  settingsFile: ".claude/settings.local.json",
  events: EVENTS,
  install: installer(() => ({})),
  uninstall: (current) => print(without(parse(current)), current),
  present(current) {
    const { hooks = {} } = parse(current);
    return Object.keys(hooks).filter((event) => hooks[event]!.some((e) => e.hooks.some(isOurs)));
  },
  parse(stdin, event): HookCall {
    // A script that calls us as a hook may have other text there.
    const input = parse(stdin.trimStart().startsWith("{") ? stdin : undefined);
    const text = (key: string) => (typeof input[key] === "string" ? input[key] : undefined);
    return {
      event: text("hook_event_name") ?? event,
      runtimeSession: text("session_id"),
      transcript: text("transcript_path"),
      prompt: text("prompt"),
      stopActive: input.stop_hook_active === true,
    };
  },
  /**
   * SessionStart and UserPromptSubmit take plain text. The rest need JSON; at Stop it must be
   * additionalContext, which makes the agent go on: `reason` reaches the model twice.
   */
  say(event, text) {
    if (event === "SessionStart" || event === "UserPromptSubmit") return text;
    const hookSpecificOutput = { hookEventName: event, additionalContext: text };
    return `${JSON.stringify({ hookSpecificOutput })}\n`;
  },
};

/** A week: the waiter ends with its session. */
const BELL_TIMEOUT_S = 604_800;

/**
 * Settings with a waiter behind the bell after each stop, or after each of `events`. A hook with `asyncRewake` runs beside
 * the session; its exit code 2 starts a turn with its stderr as soon as the session is idle,
 * 37 to 77 ms later, beside a draft and past a dialog (Claude Code 2.1.329, tmux 3.3a).
 */
export function withBell(
  text: string,
  script: string,
  dir: string,
  events: readonly string[] = ["Stop"],
): string {
  const settings = parse(text);
  const quote = (path: string) => `'${path.replaceAll("'", "'\\''")}'`;
  const command = `sh ${quote(script)} ${quote(dir)} ${TAG}`;
  const waiter = { type: "command", command, timeout: BELL_TIMEOUT_S, asyncRewake: true };
  const hooks = { ...settings.hooks };
  for (const event of events) hooks[event] = [...(hooks[event] ?? []), { hooks: [waiter] }];
  return print({ ...settings, hooks });
}
