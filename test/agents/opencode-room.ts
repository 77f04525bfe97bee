/**
 * A home of its own for the pinned OpenCode against a loopback model. At its start OpenCode
 * 1.18.33 installs its plugin types into every config folder that has no node_modules or whose
 * lock file does not name them, and a plugin is only loaded when that is over: up to a minute
 * without a registry. An empty node_modules and a lock file that names them settle it.
 */

import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AgentKit, binOf, isThere } from "./kit.ts";

const BIN = binOf("opencode");

/** What a person has: a provider, a login, instructions and rules of their own. */
export const personConfig = (modelUrl: string) => ({
  model: "scripted/scripted",
  small_model: "scripted/scripted",
  autoupdate: false,
  share: "disabled",
  instructions: ["~/plain.md"],
  provider: {
    scripted: {
      npm: "@ai-sdk/openai-compatible",
      name: "Scripted",
      options: { baseURL: `${modelUrl}/v1`, apiKey: "dummy-for-a-scripted-model" },
      models: { scripted: { name: "Scripted Model", limit: { context: 100_000, output: 4_000 } } },
    },
  },
  permission: { bash: { "*": "ask", "sleep *": "allow" } },
});

export const opencodeKit: AgentKit = {
  runtime: "opencode",
  package: "opencode-ai",
  // A failed install leaves a stub where the binary belongs.
  installed: () => isThere(BIN, 1_000_000),
  // The cursor may stand before what is left after a resize.
  clear: ["C-u", "C-k"],
  ringsPastDrafts: true,
  doors: { idle: /^bell$/ },
  prepare({ dir, modelUrl }) {
    const home = realpathSync(dir);
    const config = join(home, ".config", "opencode");
    mkdirSync(join(config, "node_modules"), { recursive: true });
    const needs = { dependencies: { "@opencode-ai/plugin": "1.18.33" } };
    const lock = { lockfileVersion: 3, packages: { "": needs } };
    writeFileSync(join(config, "package.json"), JSON.stringify(needs));
    writeFileSync(join(config, "package-lock.json"), JSON.stringify(lock));
    writeFileSync(join(home, "plain.md"), "Speak plainly.\n");
    const settings = JSON.stringify(personConfig(modelUrl));
    writeFileSync(join(config, "opencode.json"), settings, { mode: 0o600 });
    const env = {
      HOME: home,
      XDG_CONFIG_HOME: join(home, ".config"),
      XDG_DATA_HOME: join(home, ".local", "share"),
      XDG_STATE_HOME: join(home, ".local", "state"),
      XDG_CACHE_HOME: join(home, ".cache"),
      OPENCODE_DISABLE_AUTOUPDATE: "1",
      OPENCODE_DISABLE_MODELS_FETCH: "1",
      OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
    };
    return { env, command: BIN, args: [] };
  },
};
