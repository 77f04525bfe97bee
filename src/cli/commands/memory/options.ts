import { type Command, Option } from "commander";
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
