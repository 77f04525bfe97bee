import { type Command, Option } from "commander";

/** What every verb takes, before it and after it. */
export interface Globals {
  /** Print one JSON object and nothing else on stdout. */
  json: boolean;
  /** Print nothing but JSON and what went wrong. */
  quiet: boolean;
  /** Say on stderr how long it took. */
  timing: boolean;
  /** A folder in the project that is meant; it goes before `OV_ROOT`. */
  project: string | undefined;
}

/** For another project. */
export const elsewhere = (globals: Globals): Globals => ({ ...globals, project: undefined });

/** As they are where none is given but perhaps `--json`. */
export const plainGlobals = (json = false): Globals => ({
  ...{ json, quiet: false, timing: false },
  project: undefined,
});

const options = () => [
  new Option("--json", "print JSON only"),
  new Option("--quiet", "print only JSON and what went wrong"),
  new Option("--timing", "say on stderr how long it took"),
  new Option("--project <dir>", "the project of this folder, not of the current one"),
];

/** The options that stand before the verb, and the words from the verb on. */
export function beforeVerb(argv: readonly string[]): { globals: Globals; rest: string[] } {
  const rest = [...argv];
  const globals = plainGlobals();
  for (;;) {
    const [word = "", value] = rest;
    if (word === "--json" || word === "--quiet" || word === "--timing") {
      globals[word.slice(2) as "json"] = true;
      rest.shift();
    } else if (word.startsWith("--project=")) {
      globals.project = word.slice("--project=".length);
      rest.shift();
    } else if (word === "--project" && value !== undefined && value !== "") {
      globals.project = value;
      rest.splice(0, 2);
    } else {
      break;
    }
  }
  const end = rest.indexOf("--");
  globals.json ||= rest.slice(0, end < 0 ? rest.length : end).includes("--json");
  return { globals, rest };
}

/** Every command takes them; only the help of `ov` itself lists those that it does not list. */
export function takeGlobals(program: Command, globals: Globals): void {
  for (const option of options()) program.addOption(option);
  for (const command of program.commands) takeQuietly(command);
  program.hook("preAction", (_, command) => {
    const { quiet, timing, project } = command.optsWithGlobals();
    globals.quiet ||= quiet === true;
    globals.timing ||= timing === true;
    globals.project = project ?? globals.project;
  });
}

function takeQuietly(command: Command): void {
  // A verb that is not called was not loaded: in the list of verbs it stands by its name alone.
  if (command.options.length + command.commands.length === 0) return;
  const own = command.options.map(({ long }) => long);
  for (const option of options()) {
    if (!own.includes(option.long)) command.addOption(option.hideHelp());
  }
  for (const child of command.commands) takeQuietly(child);
}
