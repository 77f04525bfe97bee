import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { LaunchInput, McpLaunch, Runtime } from "../../ports/runtime.ts";
import { codexHooks, hookOverrides, toml } from "./codex-hooks.ts";
import { rolloutFacts } from "./codex-rollout.ts";
import { readCodexScreen } from "./codex-screen.ts";
import { codexPath } from "./codex-transcript.ts";

/** Codex CLI. Facts measured on 0.169.0 in tmux 3.3a. */
export const codex: Runtime = {
  name: "codex",
  variables: ["OPENAI_*", "CODEX_HOME"],
  measured: "0.171.0",
  program: "codex",
  startMs: 1_000,
  // The npm package starts the program from Node, which stays in front.
  commands: ["codex", "node"],
  hooks: codexHooks,
  settleMs: 60,
  // Above 1,000 characters a paste becomes a token, and behind another paste it is not shown at all.
  typing: { lines: true, room: 900, token: undefined },
  launch(input) {
    const { hookCommand, rolePrompt, firstPrompt, resume, mcp, command, args } = input;
    const program = command ?? "codex";
    const settings = [
      // An update is offered in a dialog that keeps the first prompt waiting.
      "check_for_update_on_startup=false",
      ...(rolePrompt === "" ? [] : [`developer_instructions=${toml(rolePrompt)}`]),
      // A login shell, which is the default, may set PATH anew; then `ov` is not found.
      "allow_login_shell=false",
      // Whoever calls `ov` in the agent's shell is in its sandbox.
      `shell_environment_policy.set.OV_CONFINED="1"`,
      ...(mcp ? [mcpOverride(mcp)] : []),
    ];
    return {
      argv: [
        basename(program),
        ...(resume === undefined ? [] : ["resume"]),
        // The daemon outlives the pane, and runs hooks with the environment of its first client.
        "--no-daemon",
        ...settings.flatMap((setting) => ["-c", setting]),
        ...hookOverrides(hookCommand),
        ...sandbox(input),
        ...args,
        ...(resume === undefined && firstPrompt === "" ? [] : ["--"]),
        ...(resume === undefined ? [] : [resume]),
        ...(firstPrompt === "" ? [] : [firstPrompt]),
      ],
      path: program.includes("/") ? [dirname(program)] : [],
      files: [],
    };
  },
  resumes: ({ transcript }) =>
    transcript !== null && existsSync(codexPath(transcript) ?? transcript),
  question: ({ runtimeSession }, text, { command, args }) => ({
    argv: [
      ...[command ?? "codex", "exec", "--ephemeral", "--sandbox", "read-only", ...args],
      ...["fork", runtimeSession ?? "", "--", text],
    ],
    env: {},
  }),
  interrupt: { presses: 1, shows: /Conversation interrupted/ },
  ownCommands: { "/compact": /Context compacted/ },
  isProgram: (argv) => argv.slice(0, 2).some((word) => /(^|\/)codex(\.js)?$/.test(word)),
  read: readCodexScreen,
  facts({ runtimeSession, transcript }) {
    // Hooks tell both: no file names the process, and the first hook runs with the first prompt.
    return {
      facts: transcript === null ? [] : rolloutFacts(codexPath(transcript) ?? transcript),
      runtimeSession: runtimeSession ?? undefined,
      transcript: transcript ?? undefined,
    };
  },
};

/** Our server as a setting of one start; it stands outside of the sandbox. */
export function mcpOverride({ command, args, env }: McpLaunch): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${toml(value)}`);
  const fields = [
    `command=${toml(command)}`,
    `args=[${args.map(toml).join(",")}]`,
    `env={${variables.join(",")}}`,
    `default_tools_approval_mode="approve"`,
  ];
  return `mcp_servers.overture={${fields.join(",")}}`;
}

/**
 * Who writes: its worktree, what `ov` writes, and what a commit in a linked worktree writes; never
 * git's settings and hooks. Who reads: what `ov` writes, without the worktrees below it. A
 * profile of permissions outranks the sandbox mode of the person's settings (0.169.0).
 */
function sandbox({ access, worktree, writable }: LaunchInput): string[] {
  if (access === "write") {
    const folders = [...writable, ...gitFolders(worktree)].flatMap((path) => ["--add-dir", path]);
    return ["-c", `sandbox_mode="workspace-write"`, ...folders];
  }
  const rules = [":root", dirname(worktree), worktree].map((path) => `${toml(path)}="read"`);
  const files = [...rules, ...writable.map((path) => `${toml(path)}="write"`)].join(",");
  return [
    ...["-c", `default_permissions="overture_read"`],
    ...["-c", `permissions.overture_read.filesystem={${files}}`],
  ];
}

/** Below a repository's own folder: with the files format, and with reftable (git 2.45). */
const WRITTEN = ["objects", "refs", "logs", "reftable"];

/**
 * What a commit writes outside a linked worktree: its index, objects, references and their logs.
 * The pointer is relative with `worktree.useRelativePaths` (git 2.48).
 */
function gitFolders(worktree: string): string[] {
  const pointer = /^gitdir: (.+)$/m.exec(readFileSync(join(worktree, ".git"), "utf8"))?.[1];
  if (pointer === undefined) return [];
  const own = resolve(worktree, pointer);
  const common = join(own, "commondir");
  const shared = existsSync(common) ? resolve(own, readFileSync(common, "utf8").trim()) : own;
  return [own, ...WRITTEN.map((name) => join(shared, name))].filter((path) => existsSync(path));
}
