import { join } from "node:path";
import type { Session } from "../../domain/agent.ts";
import type { Config } from "../../domain/config.ts";
import { AppError } from "../../domain/errors.ts";
import type { HookDialect, Runtime } from "../../ports/runtime.ts";

/** Every runtime; `home` is the installed package. */
export const RUNTIMES: Record<string, (home: string) => Promise<Runtime>> = {
  claude: async () => (await import("./claude.ts")).claude,
  codex: async () => (await import("./codex.ts")).codex,
  gemini: async () => (await import("./gemini.ts")).gemini,
  opencode: async (home) =>
    (await import("./opencode.ts")).opencode(join(home, "templates", "opencode-plugin.js")),
  scripted: async (home) =>
    (await import("./scripted.ts")).scripted(join(home, "dist", "agent.mjs")),
};

/** The hook forms of each runtime that has hooks; each is loaded alone, for a hook must be quick. */
export const HOOKS: Record<string, () => Promise<HookDialect>> = {
  claude: async () => (await import("./claude-hooks.ts")).claudeHooks,
  codex: async () => (await import("./codex-hooks.ts")).codexHooks,
  gemini: async () => (await import("./gemini-hooks.ts")).geminiHooks,
  opencode: async () => (await import("./opencode-hooks.ts")).opencodeHooks,
  scripted: async () => (await import("./scripted-hooks.ts")).scriptedHooks,
};

/** Every runtime that is known: built in, described by the config, or blind for a live session. */
export async function allRuntimes(
  home: string,
  config: () => Promise<Config>,
  live: readonly Session[],
): Promise<Map<string, Runtime>> {
  const built = await Promise.all(Object.values(RUNTIMES).map((load) => load(home)));
  const own = await described(await readable(config()), live);
  return new Map([...built, ...own].map((runtime) => [runtime.name, runtime]));
}

/** Those of these sessions; undefined when a config describes one, which has no door of its own. */
export async function builtIn(
  home: string,
  sessions: readonly Session[],
): Promise<Map<string, Runtime> | undefined> {
  const loads = [...new Set(sessions.map(({ runtime }) => runtime))].map((name) => RUNTIMES[name]);
  if (loads.includes(undefined)) return undefined;
  const found = await Promise.all(loads.map((load) => load!(home)));
  return new Map(found.map((runtime) => [runtime.name, runtime]));
}

/** A wrong config must not hide the team: verbs that need it say what is wrong with it. */
function readable(config: Promise<Config>): Promise<Config | undefined> {
  return config.catch((error) => {
    if (error instanceof AppError) return undefined;
    throw error;
  });
}

/**
 * Runtimes that the config describes, and a blind one for each session whose description has gone.
 */
async function described(config: Config | undefined, live: readonly Session[]): Promise<Runtime[]> {
  const named = Object.entries(config?.runtimes ?? {}).filter(([, { type }]) => type === "generic");
  const taken = named.find(([name]) => RUNTIMES[name])?.[0];
  if (taken) {
    const hint = `choose another name; built in: ${Object.keys(RUNTIMES).join(", ")}`;
    throw new AppError("usage", `runtimes.${taken}.type: this runtime is built in`, hint);
  }
  const known = [...Object.keys(RUNTIMES), ...named.map(([name]) => name)];
  const lost = live.map(({ runtime }) => runtime).filter((name) => !known.includes(name));
  if (named.length + lost.length === 0) return [];
  const { generic } = await import("./generic.ts");
  const blind = lost.map((name) => generic(name, { args: [] }));
  return [...named.map(([name, settings]) => generic(name, settings)), ...blind];
}
