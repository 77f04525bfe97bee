import { AppError } from "../../domain/errors.ts";
import type { HookDialect } from "../../ports/runtime.ts";
import { claudeHooks } from "./claude-hooks.ts";

const refuse = (): never => {
  throw new AppError(
    "refused",
    "OpenCode's hooks are a plugin that only ov sling gives",
    "ov hooks install",
  );
};

/**
 * OpenCode has no shell hooks: our plugin (templates/opencode-plugin.js) calls them at its own
 * events with stdin in Claude Code's form, and puts what they print where the model reads it.
 */
export const opencodeHooks: HookDialect = {
  settingsFile: ".opencode/opencode.json",
  // chat.message, tool.execute.after and session.idle.
  events: ["UserPromptSubmit", "PostToolUse", "Stop"],
  install: refuse,
  uninstall: refuse,
  present: () => [],
  parse: claudeHooks.parse,
  say: (_event, text) => text,
};
