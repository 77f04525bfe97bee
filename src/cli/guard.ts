import type { Command } from "commander";
import { AppError } from "../domain/errors.ts";
import { decide, isOpen, type Kinship, type Request, rulesFor } from "../domain/permission.ts";
import type { Context } from "./context.ts";

/** Their work goes on where the store is broken or not there yet. */
const WITHOUT_STORE = ["init", "demo", "doctor", "uninstall", "hooks install", "hooks uninstall"];
/** What they do is Overture's, whoever has started them. */
const OWN_WORK = ["watch", "deliver"];

/** A verb with all its words, as the rows of the table name it. */
export function verbOf(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${verbOf(parent)} ${command.name()}` : command.name();
}

function requestOf(command: Command): Request {
  const args = command.processedArgs;
  const given = new Map<string, unknown>();
  for (const [n, argument] of command.registeredArguments.entries()) {
    if (args[n] !== undefined) given.set(`<${argument.name()}>`, args[n]);
  }
  for (const option of command.options) {
    const name = option.attributeName();
    const isGiven = command.getOptionValueSource(name) === "cli";
    if (option.long && isGiven) given.set(option.long, command.getOptionValue(name));
  }
  return { verb: verbOf(command), given, args };
}

/** Throws `refused` before anything is done, where the caller may not call this. */
export async function guard(context: Context, command: Command): Promise<void> {
  const asked = requestOf(command);
  await permit(context, asked);
  if (OWN_WORK.includes(asked.verb)) context.isOwn();
}

/** The same for a tool that does what a verb does. */
export async function permit(context: Context, asked: Request): Promise<void> {
  const rules = rulesFor(asked).map(({ rule }) => rule);
  if (rules.length > 0 && rules.every(isOpen)) return;
  const isBare = WITHOUT_STORE.includes(asked.verb);
  const caller = isBare ? bare(context) : context.asks();
  if (!caller) return;
  const needsConfig = caller.is === "agent" && rules.some(({ parentIf }) => parentIf);
  const byParent = needsConfig && (await context.config()).answer.byParent;
  const refusal = decide(caller, asked, kinship(context, byParent));
  if (refusal === undefined) return;
  throw isBare ? noted(context, refusal) : context.refused(refusal);
}

/** Undefined: there is no project, so that nothing is refused in it. */
function bare(context: Context) {
  try {
    return context.asksByFiles();
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/** The store may be what is broken: the refusal holds all the same. */
function noted(context: Context, refusal: AppError): AppError {
  try {
    return context.refused(refusal);
  } catch {
    return refusal;
  }
}

function kinship(context: Context, byParent: boolean): Kinship {
  const parentOf = (name: string) => context.store.agents.get(name)?.parent ?? undefined;
  return {
    isAbove(above, agent) {
      const seen = new Set<string>();
      for (let at = parentOf(agent); at !== undefined && !seen.has(at); at = parentOf(at)) {
        if (at === above) return true;
        seen.add(at);
      }
      return false;
    },
    isKnown: (name) => (context.store.agents.get(name)?.kind ?? "external") !== "external",
    roleOf: (agent) => context.store.agents.get(agent)?.role,
    isSet: () => byParent,
  };
}
