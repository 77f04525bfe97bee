import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { formatLetter } from "../../../domain/inject.ts";
import type { HookDialect } from "../../../ports/runtime.ts";
import { checkMail } from "../../../usecases/check-mail.ts";
import { injectMail } from "../../../usecases/inject-mail.ts";
import { type Context, makeId, now } from "../../context.ts";
import { readFileOr } from "../../files.ts";
import { LIMIT_MAX, limitOption, natural } from "../../options.ts";
import { print } from "../../output.ts";
import { readHookInput } from "../../stdin.ts";
import { messageJson } from "./json.ts";

interface CheckOptions {
  agent?: string;
  inject?: boolean;
  event: string;
  runtime: string;
  debounce?: number;
  limit?: number;
}

const STDIN_MS = 1_000;

export function registerCheck(mail: Command, context: Context): void {
  mail
    .command("check")
    .description("read the new letters of an agent, each once")
    .option("--agent <name>", "the reader (default: $OV_AGENT, else orchestrator)")
    .option("--inject", "as a hook: print what the runtime puts into the agent's context")
    .option("--event <name>", "the hook event", "UserPromptSubmit")
    .option("--runtime <name>", "whose hook form is read and printed", "claude")
    .option("--learn", "as a hook: note the session's transcript, also without mail")
    .option("--debounce <ms>", "do nothing when the last check was less than this ago", natural)
    .addOption(limitOption())
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
With no mail, --inject is answered by a shell and starts no Node. A letter that was printed has
the receipt seen (by its reader's own command); an injected one is offered until it is proved.

Examples:
  ov mail check
  ov mail check --agent ci --json
  ov mail check --inject --event PostToolUse      what a hook calls
`,
    )
    .action(async (options: CheckOptions, command: Command) => {
      // Only a hook names its event.
      const isHook = options.inject || command.getOptionValueSource("event") === "cli";
      if (isHook) return inject(context, options);
      const agent = context.identity(options.agent);
      if (isTooSoon(context, agent, options.debounce)) {
        return context.out.done("mail check", { messages: [], waiting: 0 }, "");
      }
      await check(context, agent, options);
      // Who else has mail that waits is woken, where nobody delivers.
      await context.kick([]);
    });
}

function isTooSoon(context: Context, agent: string, ms = 0): boolean {
  if (ms === 0) return false;
  const folder = join(context.project.home, "checked");
  const path = join(folder, agent);
  const last = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (now() - last < ms) return true;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(path, "");
  return false;
}

async function check(
  context: Context,
  agent: string,
  { limit = LIMIT_MAX }: CheckOptions,
): Promise<void> {
  const tools = { store: context.store, now, ...(await context.proofs()) };
  const { letters, waiting, printed } = await checkMail(tools, agent, makeId("reader"), { limit });
  const text = letters.map((letter) => `${formatLetter(letter)}\n`).join("\n");
  const more = waiting > 0 ? `\n${waiting} more waiting: ov mail check\n` : "";
  const data = { messages: letters.map((letter) => messageJson(letter)), waiting };
  await context.out.done("mail check", data, letters.length ? text + more : "No new messages");
  printed();
}

async function inject(context: Context, options: CheckOptions): Promise<void> {
  const agent = context.identity(options.agent);
  if (isTooSoon(context, agent, options.debounce)) return;
  const dialect = await context.hooks(options.runtime);
  const session = context.ownSession();
  const isOnly = session !== undefined && context.store.sessions.liveOf(agent)?.id === session;
  const said = await readHookInput(STDIN_MS);
  // A program that is held up may drop this answer, and has not said where its conversation is.
  if (said === undefined && isOnly) return;
  const tools = { store: context.store, now, ...(await context.proofs()) };
  const call = dialect.parse(said ?? "", options.event);
  const odd = call.transcript && tools.oddTranscript(call.transcript);
  if (odd) {
    const data = { event: call.event, cause: odd };
    context.store.events.add("hook.failed", { agent, data });
    call.transcript = undefined;
  }
  if (isOnly) {
    const known = { runtimeSession: call.runtimeSession, transcript: call.transcript };
    context.store.sessions.learn(session, known);
  }
  await context.answerKick();
  if (await tellAfterCompaction(context, agent, dialect, call.event)) return;
  if (call.event === "Stop" && tooManyStops(context, agent, call.stopActive)) return;
  const owner = `${process.pid}:${makeId("hook")}`;
  const { text, offered } = await injectMail(tools, agent, call, owner, isOnly);
  if (text === "") return;
  await print(dialect.say(call.event, text));
  offered();
}

/** The mark that bin/ov leaves at a compaction; at a turn's end the agent need not know it yet. */
async function tellAfterCompaction(
  context: Context,
  agent: string,
  dialect: HookDialect,
  event: string,
): Promise<boolean> {
  const mark = join(context.project.home, "hooks", `${agent}.compacted`);
  if (event === "Stop" || !existsSync(mark)) return false;
  const { primeText } = await import("../../prime-text.ts");
  await print(dialect.say(event, primeText(context.store, agent)));
  rmSync(mark, { force: true });
  return true;
}

/**
 * Claude Code 2.1.329 ends a turn after nine stops in a row that were told "not yet", and drops
 * what the hook said at the next. Letters that wait then wake the agent, or take its next turn.
 */
const STOPS_IN_A_ROW = 7;

function tooManyStops(context: Context, agent: string, isRepeated: boolean): boolean {
  // No agent's name has a dot.
  const folder = join(context.project.home, "hooks");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${agent}.stops`);
  const before = isRepeated ? Number(readFileOr(path) ?? 0) : 0;
  writeFileSync(path, String(before + 1));
  return before >= STOPS_IN_A_ROW;
}
