import type { HookDialect } from "../../ports/runtime.ts";
import { claudeHooks, edits } from "./claude-hooks.ts";

/** Claude Code's form in a file of its own: who starts it by hand names that by `--settings`. */
export const scriptedHooks: HookDialect = {
  ...claudeHooks,
  ...edits(".overture/scripted-settings.json"),
};
