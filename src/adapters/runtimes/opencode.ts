import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Fact } from "../../domain/state.ts";
import type { McpLaunch, Runtime } from "../../ports/runtime.ts";
import { BELL_SCRIPT, bell } from "./bell.ts";
import { SERVER } from "./mcp-name.ts";
import { opencodeHooks } from "./opencode-hooks.ts";
import { readOpencodeScreen } from "./opencode-screen.ts";
import { readStateFile } from "./session-file.ts";

/** OpenCode. Facts measured on 1.18.33 in tmux 3.3a. `plugin` is the path of our plugin's file. */
export function opencode(plugin: string): Runtime {
  return {
    name: "opencode",
    // It asks the same providers as the others.
    variables: ["OPENCODE_*", "ANTHROPIC_*", "OPENAI_*", "GEMINI_*", "GOOGLE_*"],
    measured: "1.18.33",
    program: "opencode",
    // 14 s, and a minute where it cannot reach the registry that has its plugin package.
    startMs: 30_000,
    commands: ["opencode"],
    hooks: opencodeHooks,
    settleMs: 60,
    typing: { lines: true, room: 8_000, token: /\[Pasted\s+~\d+\s+lines\]/ },
    launch(input) {
      const { dir, hookCommand, rolePrompt, firstPrompt, readable, resume, access, mcp } = input;
      const { env, command, args } = input;
      const program = command ?? "opencode";
      const waiter = join(dir, "bell.sh");
      const role = join(dir, "role.md");
      const hooks = Object.fromEntries(
        opencodeHooks.events.map((event) => [event, hookCommand(event)]),
      );
      // `--prompt` is not submitted beside `--session`: there the plugin does it.
      const old = resume === undefined || firstPrompt === "" ? undefined : resume;
      const again = old === undefined ? {} : { resume: { session: old, prompt: firstPrompt } };
      const options = { dir, bell: waiter, hooks, access, ...again };
      const config = JSON.stringify({
        plugin: [[pathToFileURL(plugin).href, options]],
        instructions: rolePrompt === "" ? [] : [role],
        ...(readable ? { permission: { external_directory: { [`${readable}/*`]: "allow" } } } : {}),
        ...(mcp ? { mcp: { [SERVER]: serverOf(mcp) } } : {}),
      });
      const file = join(dir, "opencode.json");
      // Either is merged with the person's own and the project's; the person may use the first.
      const taken = Boolean(env.OPENCODE_CONFIG_CONTENT);
      const past = resume === undefined ? [] : ["--session", resume];
      // With `=`: a prompt that begins with `-` is no option then.
      const isGiven = firstPrompt !== "" && resume === undefined;
      const prompt = isGiven ? [`--prompt=${firstPrompt}`] : [];
      return {
        // By its plain name: tmux 3.3a cuts the name of a foreground program at a space in its path.
        argv: [basename(program), ...past, ...args, ...prompt],
        path: program.includes("/") ? [dirname(program)] : [],
        env: { [taken ? "OPENCODE_CONFIG" : "OPENCODE_CONFIG_CONTENT"]: taken ? file : config },
        files: [
          { path: file, text: config },
          { path: role, text: rolePrompt },
          { path: waiter, text: BELL_SCRIPT },
        ],
      };
    },
    resumes: ({ transcript }) => transcript !== null,
    question: ({ runtimeSession }, text, { command, args }) => ({
      argv: [
        ...[command ?? "opencode", "run", "--session", runtimeSession ?? "", "--fork", ...args],
        ...["--", text],
      ],
      env: { OPENCODE_PERMISSION: JSON.stringify({ "*": "deny" }) },
    }),
    interrupt: { presses: 2, again: /esc again to interrupt/, shows: /interrupted/ },
    ownCommands: { "/compact": /Compaction/ },
    isProgram: ([program = ""]) => /(^|\/)opencode(\.exe)?$/.test(program),
    read: readOpencodeScreen,
    redraws: true,
    facts({ dir }) {
      const file = readStateFile(join(dir, "state.json"));
      if (!file) return { facts: [], runtimeSession: undefined, transcript: undefined };
      const { transcript } = file.value;
      return {
        facts: [file.fact, ...progress(file.value)],
        runtimeSession: file.sessionId,
        transcript: typeof transcript === "string" ? transcript : undefined,
      };
    },
    bell: bell(),
  };
}

const serverOf = ({ command, args, env }: McpLaunch) => ({
  type: "local",
  command: [command, ...args],
  environment: env,
});

/** When the conversation last grew, and which tools run. */
function progress({ tools, progressAt }: Readonly<Record<string, unknown>>): Fact[] {
  if (typeof progressAt !== "number" || progressAt === 0 || !Array.isArray(tools)) return [];
  const detail = tools.length > 0 ? `tool ${tools.join(", ")} runs` : "no tool runs";
  return [{ source: "transcript", state: "unknown", detail, at: progressAt }];
}
