import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Runtime } from "../../ports/runtime.ts";
import { BELL_SCRIPT, bell } from "./bell.ts";
import { allowing, claudeHooks, withBell } from "./claude-hooks.ts";
import { readClaudeScreen } from "./claude-screen.ts";
import { transcriptFact } from "./claude-transcript.ts";
import { SERVER } from "./mcp-name.ts";
import { PASTED } from "./pasted.ts";
import { readSessionFile, transcriptPath } from "./session-file.ts";

/** Claude Code. Facts measured on 2.1.329 in tmux 3.3a. */
export const claude: Runtime = {
  name: "claude",
  variables: ["ANTHROPIC_*", "CLAUDE_*"],
  measured: "2.1.332",
  program: "claude",
  startMs: 650,
  // `/tui classic` runs the same pid on as claude.exe.
  commands: ["claude", "claude.exe"],
  hooks: claudeHooks,
  settleMs: 20,
  // Four lines or 800 characters collapse (2.1.329); two pastes in a row stay two.
  typing: { lines: true, room: 8_000, token: PASTED },
  launch({ dir, hookCommand, rolePrompt, firstPrompt, readable, resume, mcp, command, args }) {
    const prompt = firstPrompt === "" ? [] : ["--", firstPrompt];
    const program = command ?? "claude";
    const settings = join(dir, "settings.json");
    const bell = join(dir, "bell.sh");
    const past = resume === undefined ? [] : ["--resume", resume];
    const role = rolePrompt === "" ? [] : ["--append-system-prompt", rolePrompt];
    const servers = join(dir, "mcp.json");
    const server = mcp ? { text: JSON.stringify({ mcpServers: { [SERVER]: mcp } }) } : undefined;
    const hooks = withBell(claudeHooks.install(undefined, hookCommand), bell, dir);
    // A path from the root of the file system begins with two slashes there.
    const reads = readable === undefined ? [] : [`Read(/${readable}/**)`];
    const allowed = [...(server ? [`mcp__${SERVER}`] : []), ...reads];
    // Without `--` a prompt that begins with `-` ends the program, and list options swallow it.
    return {
      // By its plain name: tmux 3.3a cuts the name of a foreground program at a space in its path.
      argv: [
        basename(program),
        // A list, which the next option ends.
        ...(server ? ["--mcp-config", servers] : []),
        ...["--settings", settings, ...past, ...role, ...args, ...prompt],
      ],
      path: program.includes("/") ? [dirname(program)] : [],
      files: [
        { path: settings, text: allowed.length > 0 ? allowing(hooks, allowed) : hooks },
        { path: bell, text: BELL_SCRIPT },
        ...(server ? [{ path: servers, ...server }] : []),
      ],
    };
  },
  resumes: ({ transcript }) => transcript !== null && existsSync(transcript),
  question: ({ runtimeSession }, text, { command, args }) => ({
    argv: [
      ...[command ?? "claude", "-p", "--resume", runtimeSession ?? "", "--fork-session"],
      ...["--no-session-persistence", "--tools", "", ...args, "--", text],
    ],
    env: {},
  }),
  isProgram: ([program = ""]) => /(^|\/)claude(\.exe)?$/.test(program),
  read: readClaudeScreen,
  facts(session, env, pid) {
    const home = env.CLAUDE_CONFIG_DIR ?? join(env.HOME ?? homedir(), ".claude");
    const file = readSessionFile(home, pid);
    if (!file) return { facts: [], runtimeSession: undefined, transcript: undefined };
    const known = file.sessionId === session.runtimeSession ? session.transcript : null;
    const path =
      file.sessionId && file.cwd ? transcriptPath(home, file.cwd, file.sessionId) : undefined;
    const transcript = known ?? path;
    const progress = transcript ? transcriptFact(transcript) : undefined;
    return {
      facts: progress ? [file.fact, progress] : [file.fact],
      runtimeSession: file.sessionId,
      transcript,
    };
  },
  // In what wakes it, these tags are escaped (2.1.329); all else arrives byte for byte.
  interrupt: { presses: 1, shows: /Interrupted/ },
  ownCommands: { "/compact": /Compacted|Conversation compacted|to compact/ },
  bell: bell((text) => !/system-reminder|task-notification/.test(text)),
};
