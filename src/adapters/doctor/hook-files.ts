import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../../domain/errors.ts";
import type { HookFile, HookProgram } from "../../ports/doctor.ts";
import type { HookDialect } from "../../ports/runtime.ts";
import { listIfThere, readIfThere } from "../files.ts";
import { ourHooks } from "../runtimes/hook-settings.ts";

/** What stands before the program, so that its line is silent when it is gone. */
const GUARD = /^\[ ! -[xr] (?:'[^']*'|\\')+ \] \|\| exec (?:sh )?/;

/** The program of a shell command, without its quotes: a path of ours is in single ones. */
export function programOf(line: string): string {
  const command = line.replace(GUARD, "");
  const [, quoted] = /^((?:'[^']*'|\\')+)/.exec(command) ?? [];
  if (quoted === undefined) return command.split(" ")[0] ?? "";
  return quoted.replace(/'([^']*)'|\\'/g, (_, inside: string | undefined) => inside ?? "'");
}

/** What is in a runtime's settings file of a project's root. */
export function readHookFile(
  runtime: string,
  dialect: HookDialect,
  root: string,
  command: (event: string) => string,
): HookFile | undefined {
  if (dialect.settingsFile === undefined) return undefined;
  const path = join(root, dialect.settingsFile);
  const text = readIfThere(path);
  const file = { runtime, path, unreadable: undefined, commands: [], missing: [], outdated: false };
  if (text === undefined) return file;
  try {
    const present = dialect.present(text);
    return {
      ...file,
      commands: ourHooks(text).map((hook) => hook.command),
      missing: dialect.events.filter((event) => !present.includes(event)),
      outdated: inOrder(text) !== inOrder(dialect.install(undefined, command)),
    };
  } catch (error) {
    if (error instanceof AppError) return { ...file, unreadable: error.message };
    throw error;
  }
}

/** What is ours in it, in an order that does not depend on what stands beside it. */
const inOrder = (text: string) =>
  ourHooks(text)
    .map((hook) => JSON.stringify(hook))
    .toSorted()
    .join("\n");

const program = (where: string, path: string, bin: string): HookProgram => ({
  where,
  program: path,
  there: existsSync(path),
  own: existsSync(path) && realpathSync(path) === realpathSync(bin),
});

/** Settings files in which `ov hooks install` writes nothing, and that runtimes read all the same. */
const ELSEWHERE = [
  ...[".claude/settings.json", ".claude/settings.local.json"],
  ...[".codex/hooks.json", ".gemini/settings.json"],
];

/**
 * Programs of our entries in other settings files than those that we install: of the home, of
 * agents' worktrees, and the shared ones of the project.
 */
export function strayHooks(
  { root, worktrees }: { root: string; worktrees: string },
  home: string,
  bin: string,
): HookProgram[] {
  const folders = listIfThere(worktrees).map((name) => join(worktrees, name));
  const files = [
    join(root, ".claude", "settings.json"),
    ...[home, ...folders].flatMap((folder) => ELSEWHERE.map((name) => join(folder, name))),
  ];
  return files.flatMap((path) => {
    const programs = commandsIn(path).map(programOf);
    return [...new Set(programs)].map((found) => program(path, found, bin));
  });
}

/** A file that cannot be read as settings holds none that a runtime would run. */
function commandsIn(path: string): string[] {
  try {
    return ourHooks(readIfThere(path) ?? "").map(({ command }) => command);
  } catch (error) {
    if (error instanceof AppError) return [];
    throw error;
  }
}

const FILES = ["settings.json", "opencode.json", "launch.sh", "home/.gemini/settings.json"];
/** A program in a hook's command, however the file around it quotes. */
const CALL = /(\/[^'"\n]*\/ov)['"\\]* mail check --inject/g;

/** The programs that the hooks of a session call, from the files of its start. */
export function sessionHooks(agent: string, dir: string, bin: string): HookProgram[] {
  const texts = FILES.map((name) => readIfThere(join(dir, name)) ?? "");
  const found = texts.flatMap((text) => [...text.matchAll(CALL)].map(([, path]) => path!));
  return [...new Set(found)].map((path) => program(agent, path, bin));
}
