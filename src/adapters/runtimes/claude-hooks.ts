import type { HookCall, HookDialect } from "../../ports/runtime.ts";
import {
  hasOurs,
  installHooks,
  parseSettings,
  printSettings,
  TAG,
  uninstallHooks,
} from "./hook-settings.ts";

/** What a hook may take, in seconds. */
export const TIMEOUT_S = 5;

const EVENTS = ["SessionStart", "UserPromptSubmit", "PostToolUse", "PreCompact", "Stop"] as const;

/**
 * How our hooks are put into a settings file of this form, and taken out; `more` is what a runtime
 * wants in them beside the command.
 */
export function edits(
  file: string,
  more: (event: string) => object = () => ({}),
): Pick<HookDialect, "settingsFile" | "install" | "uninstall" | "present"> {
  return {
    settingsFile: file,
    install(current, command) {
      const entries = EVENTS.map((event) => {
        const hook = { type: "command", command: `${command(event)} ${TAG}`, timeout: TIMEOUT_S };
        return [event, { hooks: [{ ...hook, ...more(event) }] }] as const;
      });
      return installHooks(current, { file, entries: Object.fromEntries(entries) });
    },
    uninstall: (current) => uninstallHooks(current, file),
    present(current) {
      const settings = parseSettings(current, file);
      return Object.keys(settings.hooks ?? {}).filter((event) => hasOurs(settings, event));
    },
  };
}

/** Hooks in Claude Code's form (2.1.329), which the scripted agent shares. */
export const claudeHooks: HookDialect = {
  ...edits(".claude/settings.local.json"),
  events: EVENTS,
  parse(stdin, event): HookCall {
    // A script that calls us as a hook may have other text there.
    const input = parseSettings(stdin.trimStart().startsWith("{") ? stdin : undefined);
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
 * Settings with a waiter behind the bell after each stop, or after each of `events`. A hook with
 * `asyncRewake` runs beside the session; its exit code 2 starts a turn with its stderr as soon as
 * the session is idle, 37 to 77 ms later, beside a draft and past a dialog (Claude Code 2.1.329,
 * tmux 3.3a).
 */
export function withBell(
  text: string,
  script: string,
  dir: string,
  events: readonly string[] = ["Stop"],
): string {
  const settings = parseSettings(text);
  const quote = (path: string) => `'${path.replaceAll("'", "'\\''")}'`;
  // Without its file the shell would end with 2 (dash), which wakes the agent.
  const command = `[ ! -r ${quote(script)} ] || exec sh ${quote(script)} ${quote(dir)} ${TAG}`;
  const waiter = { type: "command", command, timeout: BELL_TIMEOUT_S, asyncRewake: true };
  const hooks = { ...settings.hooks };
  for (const event of events) hooks[event] = [...(hooks[event] ?? []), { hooks: [waiter] }];
  return printSettings({ ...settings, hooks });
}

/** Settings by which these tools run unasked. */
export const allowing = (text: string, rules: readonly string[]): string =>
  printSettings({ ...parseSettings(text), permissions: { allow: rules } });
