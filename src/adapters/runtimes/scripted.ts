import { join } from "node:path";
import type { Runtime } from "../../ports/runtime.ts";
import { BELL_SCRIPT, bell } from "./bell.ts";
import { claudeHooks, withBell } from "./claude-hooks.ts";
import { readClaudeScreen } from "./claude-screen.ts";
import { PASTED } from "./pasted.ts";
import { type Habits, PROFILES } from "./scripted/profiles.ts";
import { scriptedHooks } from "./scripted-hooks.ts";
import { readSessionFile, transcriptPath } from "./session-file.ts";

const BELL_EVENTS: Record<Habits["bell"], readonly string[]> = {
  never: [],
  "after a stop": ["Stop"],
  always: ["SessionStart", "Stop"],
};

function habitsOf(args: readonly string[]): Habits {
  const name = args[args.indexOf("--profile") + 1];
  return PROFILES[name ?? ""] ?? PROFILES.plain!;
}

/** Our own agent without a model; it keeps the forms of Claude Code. `program` is its bundle. */
export function scripted(program: string): Runtime {
  const homeOf = (dir: string) => join(dir, "home");
  return {
    name: "scripted",
    measured: "built in",
    program: undefined,
    // 0.3 s; on a machine with many tests at once some seconds.
    startMs: 10_000,
    commands: ["ov-agent"],
    hooks: scriptedHooks,
    settleMs: 80,
    typing: { lines: true, room: 8_000, token: PASTED },
    launch({ dir, hookCommand, rolePrompt, firstPrompt, args }) {
      const settings = join(dir, "settings.json");
      const waiter = join(dir, "bell.sh");
      const hooks = claudeHooks.install(undefined, hookCommand);
      const events = BELL_EVENTS[habitsOf(args).bell];
      const text = events.length === 0 ? hooks : withBell(hooks, waiter, dir, events);
      const prompt = firstPrompt === "" ? [] : [firstPrompt];
      return {
        argv: [
          ...[process.execPath, program, "--home", homeOf(dir), "--settings", settings],
          ...["--append-system-prompt", rolePrompt, ...args, "--", ...prompt],
        ],
        path: [],
        files: [
          { path: settings, text },
          { path: waiter, text: BELL_SCRIPT },
        ],
      };
    },
    isProgram: (argv) => argv[0] === "ov-agent" || argv.includes(program),
    read: readClaudeScreen,
    redraws: true,
    facts(session, _env, pid) {
      const home = homeOf(session.dir);
      const file = readSessionFile(home, pid);
      if (!file) return { facts: [], runtimeSession: undefined, transcript: undefined };
      const path =
        file.sessionId && file.cwd ? transcriptPath(home, file.cwd, file.sessionId) : undefined;
      return {
        facts: file.untold ? [] : [file.fact],
        runtimeSession: file.sessionId,
        transcript: path,
      };
    },
    bell: bell(),
    interrupt: { presses: 1, shows: /Interrupted · What should the agent do instead/ },
    ownCommands: { "/compact": /\bCompacted\b/ },
  };
}
