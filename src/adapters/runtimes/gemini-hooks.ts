import type { HookCall, HookDialect } from "../../ports/runtime.ts";
import { hasOurs, installHooks, parseSettings, TAG, uninstallHooks } from "./hook-settings.ts";

const TIMEOUT_MS = 5_000;

/**
 * Gemini CLI's name of each event. SessionStart is left out: its hook runs beside the first
 * prompt, so what it says may come too late for it, and no transcript has it (0.61.0).
 */
const THEIRS: Record<string, string> = {
  UserPromptSubmit: "BeforeAgent",
  PostToolUse: "AfterTool",
  PreCompact: "PreCompress",
  Stop: "AfterAgent",
};
const EVENTS = Object.keys(THEIRS);

/**
 * PreCompress is fired before every request, as `auto`, and most end in no compression (0.61.0):
 * only a person's `/compress` is told by it. After its own the model has Gemini CLI's snapshot.
 */
const MATCHER: Record<string, object> = { PreCompact: { matcher: "manual" } };

/** For a model that would take the entities for the sender's own. */
const NOTE =
  "Angle brackets are shown as &lt; and &gt; here; ov mail read prints a letter as it is.\n\n";

const GEMINI = "gemini:";
/** A transcript that is asked through the reader of Gemini CLI's records. */
export const geminiTranscript = (path: string): string => `${GEMINI}${path}`;
export const geminiPath = (transcript: string): string | undefined =>
  transcript.startsWith(GEMINI) ? transcript.slice(GEMINI.length) : undefined;

const FILE = ".gemini/settings.json";

/** Hooks in Gemini CLI's form (0.61.0). Those of a folder that is not trusted do not run. */
export const geminiHooks: HookDialect = {
  settingsFile: FILE,
  events: EVENTS,
  install(current, command) {
    const entries = EVENTS.map((event) => {
      const line = `${command(event)} ${TAG}`;
      const hook = { name: "overture", type: "command", command: line, timeout: TIMEOUT_MS };
      return [THEIRS[event]!, { ...MATCHER[event], hooks: [hook] }] as const;
    });
    return installHooks(current, { file: FILE, entries: Object.fromEntries(entries) });
  },
  uninstall: (current) => uninstallHooks(current, FILE),
  present(current) {
    const settings = parseSettings(current, FILE);
    return EVENTS.filter((event) => hasOurs(settings, THEIRS[event]!));
  },
  parse(stdin, event): HookCall {
    const input = parseSettings(stdin.trimStart().startsWith("{") ? stdin : undefined);
    const text = (key: string) => (typeof input[key] === "string" ? input[key] : undefined);
    const name = text("hook_event_name");
    const path = text("transcript_path");
    return {
      event: EVENTS.find((ours) => THEIRS[ours] === name) ?? event,
      runtimeSession: text("session_id"),
      transcript: path ? geminiTranscript(path) : undefined,
      prompt: text("prompt"),
      stopActive: input.stop_hook_active === true,
    };
  },
  /**
   * A reason at AfterAgent becomes the next user message as it is; `additionalContext` there is
   * dropped. Elsewhere the context comes in `<hook_context>`, with `<` and `>` as entities.
   */
  say(event, text) {
    if (event === "Stop") return `${JSON.stringify({ decision: "block", reason: text })}\n`;
    const additionalContext = /[<>]/.test(text) ? `${NOTE}${text}` : text;
    const hookSpecificOutput = { hookEventName: THEIRS[event] ?? event, additionalContext };
    return `${JSON.stringify({ hookSpecificOutput })}\n`;
  },
};
