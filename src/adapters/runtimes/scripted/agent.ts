import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { AppError, unknownWord } from "../../../domain/errors.ts";
import { Hooks, parseHooks } from "./hooks.ts";
import { Keyboard } from "./keyboard.ts";
import { Planner } from "./plan.ts";
import { PROFILES } from "./profiles.ts";
import { SessionRecord } from "./record.ts";
import { EMPTY_SCRIPT, parseScript } from "./rules.ts";
import { Shell } from "./shell.ts";
import { Terminal } from "./terminal.ts";
import { Tool } from "./tool.ts";
import { Transcript } from "./transcript.ts";
import { Turns } from "./turn.ts";

const USAGE =
  "node agent.mjs --home <dir> --settings <file> [--script <rules.yaml>] [--session-id <uuid>] " +
  "[--profile <name>] [--append-system-prompt <text>] [first prompt]";
/** A closing hook must not keep a closed pane's program alive. */
const SESSION_END_MS = 1_500;

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      home: { type: "string" },
      settings: { type: "string" },
      script: { type: "string" },
      profile: { type: "string", default: "plain" },
      "session-id": { type: "string" },
      "append-system-prompt": { type: "string" },
    },
  });
  const { home, settings, script, profile } = values;
  const habits = PROFILES[profile];
  if (!habits) throw unknownWord("profile", profile, Object.keys(PROFILES));
  if (home === undefined || settings === undefined) {
    throw new AppError("usage", "--home and --settings are needed", USAGE);
  }
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new AppError("usage", "the scripted agent needs a terminal", "start it in a tmux pane");
  }
  return {
    home,
    hooks: parseHooks(readFileSync(settings, "utf8"), settings),
    script:
      script === undefined
        ? { ...EMPTY_SCRIPT, habits }
        : parseScript(readFileSync(script, "utf8"), habits),
    sessionId: values["session-id"] ?? randomUUID(),
    system: values["append-system-prompt"],
    firstPrompt: positionals.join(" "),
  };
}

/** SIGUSR2: it reads no key and draws nothing for a moment, as a program that swaps. */
function hang(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

async function main(): Promise<void> {
  const options = readOptions();
  const { script } = options;
  const { habits } = script;
  const { env, pid } = process;
  const cwd = process.cwd();
  process.title = "ov-agent";

  const shell = new Shell(cwd, env);
  const { home, sessionId } = options;
  const record = new SessionRecord({ home, cwd, sessionId, pid, tellsState: habits.tellsState });
  record.status("starting");
  const hooks = new Hooks({
    settings: options.hooks,
    habits,
    shell,
    session: { session_id: options.sessionId, transcript_path: record.transcriptPath, cwd },
    cut: (context) => record.cut(context),
    onRewake: (event, text) => turns.rewake(event, text),
  });

  let closing = false;
  const exit = async (reason: string, how: number | NodeJS.Signals, error?: unknown) => {
    if (closing) return;
    closing = true;
    await hooks.run("SessionEnd", { reason }, AbortSignal.timeout(SESSION_END_MS));
    shell.killAll();
    record.remove();
    terminal.leave();
    if (error !== undefined) console.error(error);
    if (typeof how === "number") process.exit(how);
    // Dying of the signal, too, keeps Node 20 from aborting: process.exit asserts that it could
    // restore a terminal that is gone by then.
    process.removeAllListeners(how);
    process.kill(pid, how);
  };
  const fail = (error: unknown) => void exit("other", 70, error);

  const transcript = new Transcript(() => terminal.changed());
  const tool = new Tool({
    shell,
    hooks,
    record,
    transcript,
    quietFor: () => keyboard.quietFor(),
    dialogHoldMs: habits.dialogHoldMs,
  });
  const turns = new Turns({
    agent: env.OV_AGENT ?? "",
    system: options.system,
    stopBlocks: habits.stopBlocks,
    tellsQueue: habits.tellsQueue,
    hooks,
    planner: new Planner(script),
    record,
    transcript,
    tool,
    restore: (text) => keyboard.composer.restore(text),
    exit: async (code) => {
      await exit("other", code);
      return new Promise<never>(() => undefined);
    },
    fail,
  });
  const keyboard = new Keyboard({
    habits,
    turns,
    tool,
    changed: () => terminal.changed(),
    exit: () => void exit("prompt_input_exit", 0),
  });
  const terminal = new Terminal(process.stdin, process.stdout, {
    view: () => ({
      entries: transcript.entries,
      draft: keyboard.composer.draft,
      placeholder: keyboard.placeholder(),
      busyFor: turns.busySince === null ? null : Math.floor((Date.now() - turns.busySince) / 1000),
      queued: turns.queue.texts,
      dialog: tool.dialog,
      hint: keyboard.hint,
    }),
    keys: (bytes) => keyboard.feed(bytes),
    gone: () => void exit("other", "SIGHUP"),
  });

  process.on("unhandledRejection", fail).on("uncaughtException", fail);
  for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => void exit("other", signal));
  }
  process.on("SIGUSR2", () => hang(habits.hangMs));
  terminal.enter();
  await turns.start();
  // Idle is said only by an agent that takes Enter.
  keyboard.open(() => {
    if (options.firstPrompt !== "") turns.submit(options.firstPrompt);
    else if (turns.busySince === null) record.status("idle");
  });
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  const hint = error instanceof AppError ? error.hint : undefined;
  console.error(`ov-agent: ${error.message}${hint ? `\n${hint}` : ""}`);
  process.exit(1);
}
