import { limitOption } from "../../options.ts";
import type { Register } from "../../verbs.ts";
import { withTags } from "./options.ts";
import { noteJson, notesText } from "./view.ts";

interface Options {
  tag?: string[];
  limit: number;
}

export const register: Register = (command, context) => {
  command.argument("[words...]", "what it is about; without words, the newest notes");
  withTags(command, "only notes with this tag; several: with all of them")
    .addOption(limitOption(5))
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Notes with all the words come first, then those with some; the rarer a word and the more important
a note, the higher it stands.

Examples:
  ov recall how do the api tests run
  ov recall --tag tests --limit 3
`,
    )
    .action(async (words: string[], { tag, limit }: Options) => {
      const notes = context.store.notes.find({ text: words.join(" "), tags: tag ?? [], limit });
      await context.out.done(
        "recall",
        { notes: notes.map(noteJson) },
        notesText(notes) || "Nothing is known about that",
      );
    });
};
