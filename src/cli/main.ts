import { dirname } from "node:path";
import { Command, CommanderError } from "commander";
import { AppError } from "../domain/errors.ts";
import { forTerminal } from "../domain/text.ts";
import { makeContext } from "./context.ts";
import { beforeVerb, takeGlobals } from "./globals.ts";
import { groupOf, inGroups } from "./groups.ts";
import { guard } from "./guard.ts";
import { hookCall } from "./hook-call.ts";
import { noteHookFailure } from "./hook-failure.ts";
import { ALIASES } from "./lead.ts";
import { EXIT, print } from "./output.ts";
import { VERBS } from "./verbs.ts";

const home = dirname(import.meta.dirname);
const { globals, rest } = beforeVerb(process.argv.slice(2));
const argv = spelledOut(rest);
/** A hook never fails its agent: it ends with 0, and what goes wrong is written down. */
const hook = hookCall(argv);

const EXAMPLES = `
Examples:
  ov demo                                   a team of scripted agents on a real repository
  ov init && ov sling task-1 --name bo      start an agent in its own worktree and pane
  ov mail send --to bo --subject "Hi" --body "Say when you are done" --wait seen
  ov status                                 who is idle, busy or waiting for you
  ov explain bo                             why a letter waits, with the evidence
  ov merge --all                            merge finished branches, tested, one at a time

Exit codes: 0 done, 1 refused or failed, 64 wrong usage, 3 not found,
            4 held where you asked to wait, 5 timed out
`;

/** `help mail send` means `mail send --help`; commander itself would explain `mail` only. */
function spelledOut(args: string[]): string[] {
  const [word = "", ...others] = args[0] === "help" ? [...args.slice(1), "--help"] : args;
  return word === "" ? others : [Object.hasOwn(ALIASES, word) ? ALIASES[word]! : word, ...others];
}

/** Every verb is known by name; only the one that is called is loaded. */
async function makeProgram([called, next]: string[]): Promise<Command> {
  const program = new Command("ov")
    .description("A team of coding agents in tmux, and a post office that never loses a letter")
    .option("-V, --version", "print the version; with --verbose, how it was installed too")
    .addHelpText("after", EXAMPLES)
    .enablePositionalOptions();
  const known = VERBS.find((verb) => verb.name === called);
  for (const verb of known ? [known] : inGroups(VERBS)) {
    const command = program.command(verb.name, { hidden: verb.hidden ?? false });
    command.helpGroup(`${groupOf(verb.name)}:`);
    command.description(verb.description);
    // A verb that is not called has its name and its words only.
    if (verb.name === called) await (await verb.load())(command, context, next);
  }
  takeGlobals(program, globals);
  program.hook("preAction", (_, command) => guard(context, command));
  quiet(program);
  return program;
}

/**
 * Commander throws instead of exiting, and says errors where `fail` can put them, with the help of
 * the command that was called.
 */
function quiet(command: Command, words = "ov"): void {
  const holds = words === "ov" ? "lists what there is" : "says what it takes";
  command.showHelpAfterError(`(${words} --help ${holds})`);
  command.exitOverride().configureOutput({
    // A reader that has gone, as with `| head`, wants no more help.
    writeOut: (text) => void print(text).catch(() => undefined),
    writeErr: (text) => {
      if (!globals.json && hook === undefined) process.stderr.write(forTerminal(text));
    },
  });
  for (const child of command.commands) quiet(child, `${words} ${child.name()}`);
}

function nameOf(program: Command): string {
  const words: string[] = [];
  let at: Command | undefined = program;
  for (const word of argv) {
    at = at?.commands.find((child) => child.name() === word);
    if (!at) break;
    words.push(word);
  }
  return words.join(" ") || "ov";
}

const context = makeContext(home, globals, { isHook: hook !== undefined });

/** No top-level await: `mail` is also bundled as CommonJS, see scripts/build.mjs. */
async function main(): Promise<void> {
  const words = argv.filter((word) => !word.startsWith("-"));
  if (words.length === 0 && argv.some((word) => word === "--version" || word === "-V")) {
    const { versionText } = await import("./context/version.ts");
    return print(await versionText(home, globals.json));
  }
  const program = await makeProgram(words);
  // Asking for `performance` loads a part of Node: 1.2 ms.
  const began = globals.timing ? performance.now() : 0;
  const isKnown = words.length === 0 || VERBS.some(({ name }) => name === words[0]);
  try {
    const lead = isKnown ? undefined : (await import("./lead.ts")).leadOf(argv);
    if (lead) throw lead;
    await program.parseAsync(isKnown ? argv : words.slice(0, 1), { from: "user" });
  } catch (error) {
    if (hook === undefined) process.exitCode = await exitCodeOf(program, error);
    else process.exitCode = await noteFailure(error);
  } finally {
    await context.close();
    if (globals.timing && hook === undefined) {
      context.out.warn(`ov: ${nameOf(program)} took ${Math.round(performance.now() - began)} ms`);
    }
  }
}

async function noteFailure(error: unknown): Promise<number> {
  const isHelp = error instanceof CommanderError && error.exitCode === 0;
  if (!isHelp && hook) await noteHookFailure(context, hook, error);
  return 0;
}

async function exitCodeOf(program: Command, error: unknown): Promise<number> {
  if (!(error instanceof CommanderError)) return context.out.fail(nameOf(program), error);
  if (error.exitCode === 0) return 0;
  if (!globals.json) return EXIT.usage;
  const [message = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
  const hint = rest.join(" ").replace(/^\((.*)\)$/, "$1") || undefined;
  return context.out.fail(nameOf(program), new AppError("usage", message, hint));
}

/** What no verb caught, as in an event of a stream. */
process.on("uncaughtException", (error) => {
  const told = hook === undefined ? context.out.fail(argv.join(" "), error) : noteFailure(error);
  void told.then((code) => process.exit(code));
});
if (hook !== undefined) {
  process.on("exit", () => {
    process.exitCode = 0;
  });
}
void main();
