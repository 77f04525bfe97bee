import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AgentKit, binOf, isThere } from "./kit.ts";

const BIN = binOf("codex");
const DUMMY_KEY = "sk-dummy-for-a-scripted-model";

/**
 * A home of its own for the pinned Codex CLI (measured on 0.169.0 in tmux 3.3a). The temporary
 * folders are taken out of the sandbox's writable ones, for the room itself stands in one.
 */
function settings(trusted: readonly string[], modelUrl: string): string {
  const projects = trusted.map(
    (folder) => `[projects.${JSON.stringify(realpathSync(folder))}]\ntrust_level = "trusted"\n`,
  );
  return `model = "scripted"
model_provider = "scripted"
check_for_update_on_startup = false
approval_policy = "on-request"
sandbox_mode = "workspace-write"

[analytics]
enabled = false

[feedback]
enabled = false

[model_providers.scripted]
name = "Scripted"
base_url = "${modelUrl}/v1"
wire_api = "responses"
env_key = "SCRIPTED_KEY"
request_max_retries = 1
stream_max_retries = 1

[sandbox_workspace_write]
exclude_slash_tmp = true
exclude_tmpdir_env_var = true

${projects.join("\n")}`;
}

const OUTSIDE = { cmd: "touch made-by-dialog", sandbox_permissions: "require_escalated" };

export const codexKit: AgentKit = {
  runtime: "codex",
  package: "@openai/codex",
  installed: () => isThere(BIN),
  // In its sandbox a command needs no leave; one that wants out asks.
  ask: `CALL: exec_command ${JSON.stringify(OUTSIDE)}`,
  // Letters that come as fast as a paste turn an Enter behind them into a line end.
  settleMs: 400,
  prepare({ dir, trusted, modelUrl }) {
    const home = realpathSync(dir);
    const codexHome = join(home, ".codex");
    mkdirSync(codexHome, { mode: 0o700 });
    writeFileSync(join(codexHome, "config.toml"), settings(trusted, modelUrl), { mode: 0o600 });
    const env = { HOME: home, CODEX_HOME: codexHome, SCRIPTED_KEY: DUMMY_KEY };
    return { env, command: BIN, args: [] };
  },
};
