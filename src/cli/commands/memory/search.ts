import { limitOption } from "../../options.ts";
import type { Register } from "../../verbs.ts";
import { withTags } from "./options.ts";
import { noteJson, notesTable } from "./view.ts";

interface Options {
  tag?: string[];
  agent?: string;
  limit: number;
}

export const register: Register = (command, context) => {
  command.argument("<words...>", "words to look for, in keys, tags and texts");
  withTags(command, "only notes with this tag; several: with all of them")
    .option("--agent <name>", "only what this agent wrote")
    .addOption(limitOption(20))
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov search port --agent builder-1\n")
    .action(async (words: string[], { tag, agent, limit }: Options) => {
      const by = agent === undefined ? {} : { agent: context.named(agent) };
      const text = words.join(" ");
      const notes = context.store.notes.find({ text, tags: tag ?? [], limit, ...by });
      const found = notes.length > 0 ? notesTable(notes) : "No note found";
      await context.out.done("search", { notes: notes.map(noteJson) }, found);
    });
};
