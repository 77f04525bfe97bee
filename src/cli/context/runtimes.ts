import { join } from "node:path";
import type { HookDialect, Runtime } from "../../ports/runtime.ts";

/** Every runtime; `home` is the installed package. */
export const RUNTIMES: Record<string, (home: string) => Promise<Runtime>> = {
  claude: async () => (await import("../../adapters/runtimes/claude.ts")).claude,
  codex: async () => (await import("../../adapters/runtimes/codex.ts")).codex,
  gemini: async () => (await import("../../adapters/runtimes/gemini.ts")).gemini,
  opencode: async (home) =>
    (await import("../../adapters/runtimes/opencode.ts")).opencode(
      join(home, "templates", "opencode-plugin.js"),
    ),
  scripted: async (home) =>
    (await import("../../adapters/runtimes/scripted.ts")).scripted(join(home, "dist", "agent.mjs")),
};

/** The hook forms of each runtime that has hooks; each is loaded alone, for a hook must be quick. */
export const HOOKS: Record<string, () => Promise<HookDialect>> = {
  claude: async () => (await import("../../adapters/runtimes/claude-hooks.ts")).claudeHooks,
  codex: async () => (await import("../../adapters/runtimes/codex-hooks.ts")).codexHooks,
  gemini: async () => (await import("../../adapters/runtimes/gemini-hooks.ts")).geminiHooks,
  opencode: async () => (await import("../../adapters/runtimes/opencode-hooks.ts")).opencodeHooks,
  scripted: async () => (await import("../../adapters/runtimes/claude-hooks.ts")).claudeHooks,
};
