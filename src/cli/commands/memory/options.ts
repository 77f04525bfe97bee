import { type Command, Option } from "commander";
import { AppError } from "../../../domain/errors.ts";
import { parseTarget } from "../../../domain/note.ts";
import type { MemoryTools } from "../../../usecases/keep-memory.ts";
import type { Context } from "../../context.ts";
import { makeId, now } from "../../context.ts";

const collect = (value: string, all: string[] | undefined) => [
  ...(all ?? []),
  ...value.split(",").filter((tag) => tag.trim() !== ""),
];

export const withTags = (command: Command, description: string): Command =>
  command.addOption(new Option("--tag <tag>", description).argParser(collect));

export const toolsOf = (context: Context): MemoryTools => ({
  store: context.store,
  now,
  newId: makeId,
});

/** Where a rollback goes: exactly one of both says it. */
export function targetOf(to: string | undefined, checkpoint: string | undefined) {
  if (to !== undefined && checkpoint === undefined) return parseTarget(to, now());
  if (to === undefined && checkpoint !== undefined) return { checkpoint };
  const hint = "to: a version, an age or a date; checkpoint: as bo@3";
  throw new AppError("usage", "name one of: to, checkpoint", hint);
}
