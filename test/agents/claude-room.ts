/**
 * A home of its own for the pinned Claude Code, so that a test runs the real binary against a
 * loopback model and never touches the person's own settings, sessions or key.
 *
 * What tests lean on (measured on 2.1.329 in tmux 3.3a, 2026-11):
 * - Trust covers every folder below a trusted one, and every linked worktree of a trusted repo.
 * - A first prompt goes behind `--`, else one that begins with `-` ends the program with status 1.
 *   It arrives exact (lines, 100 KB), but `/word` and `@file` keep their meaning.
 * - With a first prompt, `~/.claude/sessions/<pid>.json` says idle for 100-200 ms before busy.
 *   No file before trust is answered; no `status` in the first moments; SIGKILL leaves the file.
 * - A Stop hook's `reason` is twice in the next request (user and system message);
 *   `hookSpecificOutput.additionalContext` and exit 2 with stderr are there once.
 * - Enter on a permission dialog approves. Esc before the first word puts the prompt back as draft.
 */

import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AgentKit, binOf, isThere } from "./kit.ts";

export const CLAUDE_VERSION = "2.1.329";

const BIN = binOf("claude");
const DUMMY_KEY = "sk-ant-dummy-for-a-scripted-model-0000000000";

export interface ClaudeRoom {
  /** HOME: `~/.claude.json`, `~/.claude/sessions`, `~/.claude/projects` are below it. */
  home: string;
  /** All that the agent needs besides what the pane already has (PATH, TERM, TMUX_PANE). */
  env: Record<string, string>;
  bin: string;
}

export interface ClaudeRoomOptions {
  /** An empty or new folder; becomes HOME. */
  dir: string;
  /** Folders whose trust dialog counts as answered. */
  trusted: readonly string[];
  modelUrl: string;
}

/**
 * False until `npm install --no-save --prefix test/agents` has run (361 MB, so no test needs it unasked), and
 * after one with --ignore-scripts, which leaves a stub of 500 bytes where the binary belongs.
 */
export function claudeInstalled(): boolean {
  return isThere(BIN, 1_000_000);
}

export function makeClaudeHome({ dir, trusted, modelUrl }: ClaudeRoomOptions): ClaudeRoom {
  mkdirSync(join(dir, "tmp"), { recursive: true });
  const home = realpathSync(dir);
  const state = {
    hasCompletedOnboarding: true,
    lastOnboardingVersion: CLAUDE_VERSION,
    theme: "dark",
    // Claude Code stores the last 20 characters of a key that the person has agreed to use.
    customApiKeyResponses: { approved: [DUMMY_KEY.slice(-20)], rejected: [] },
    projects: Object.fromEntries(
      trusted.map((folder) => [realpathSync(folder), { hasTrustDialogAccepted: true }]),
    ),
  };
  writeFileSync(join(home, ".claude.json"), JSON.stringify(state, null, 2), { mode: 0o600 });
  return { home, env: environment(home, modelUrl), bin: BIN };
}

function environment(home: string, modelUrl: string): Record<string, string> {
  return {
    HOME: home,
    ANTHROPIC_BASE_URL: modelUrl,
    ANTHROPIC_API_KEY: DUMMY_KEY,
    // Peer sockets (cc-socks/<pid>.sock) and task notes; a killed session leaves them behind.
    CLAUDE_CODE_TMPDIR: join(home, "tmp"),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    DISABLE_AUTOUPDATER: "1",
    DISABLE_TELEMETRY: "1",
    // As root, --dangerously-skip-permissions is refused without it.
    ...(process.getuid?.() === 0 ? { IS_SANDBOX: "1" } : {}),
  };
}

export const claudeKit: AgentKit = {
  runtime: "claude",
  package: "@anthropic-ai/claude-code",
  installed: claudeInstalled,
  ringsPastDrafts: true,
  doors: { idle: /^bell$/ },
  prepare(place) {
    const { env, bin } = makeClaudeHome(place);
    // Since 2.1.3xx the default mode is auto, which asks nothing.
    const args = ["--permission-mode", "manual", "--allowedTools", "Bash(sleep:*)"];
    return { env, command: bin, args };
  },
};
