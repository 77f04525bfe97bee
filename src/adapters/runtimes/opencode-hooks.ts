import type { HookDialect } from "../../ports/runtime.ts";
import { claudeHooks } from "./claude-hooks.ts";

/**
 * OpenCode has no shell hooks: our plugin (templates/opencode-plugin.js) calls them at its own
 * events with stdin in Claude Code's form, and puts what they print where the model reads it.
 */
export const opencodeHooks: HookDialect = {
  // A folder .opencode in the project would make OpenCode install packages into it.
  settingsFile: undefined,
  // chat.message, tool.execute.after, experimental.session.compacting and session.idle.
  events: ["UserPromptSubmit", "PostToolUse", "PreCompact", "Stop"],
  install: (current) => current ?? "",
  uninstall: (current) => current,
  present: () => [],
  parse: claudeHooks.parse,
  say: (_event, text) => text,
};
