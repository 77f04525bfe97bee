import { historyOf } from "../../../usecases/keep-memory.ts";
import { limitOption } from "../../options.ts";
import type { Register } from "../../verbs.ts";
import { toolsOf, withTags } from "./options.ts";
import { noteJson, notesTable, notesText } from "./view.ts";

interface ListOptions {
  tag?: string[];
  agent?: string;
  limit: number;
}

export const register: Register = (command, context) => {
  command.addHelpText("after", "\nExample:\n  ov memory list --tag tests\n");

  withTags(
    command.command("list").description("the newest notes, one line each"),
    "only notes with this tag; several: with all of them",
  )
    .option("--agent <name>", "only what this agent wrote")
    .addOption(limitOption(50))
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov memory list --agent builder-1 --json\n")
    .action(async ({ tag, agent, limit }: ListOptions) => {
      const by = agent === undefined ? {} : { agent: context.named(agent) };
      const notes = context.store.notes.find({ tags: tag ?? [], limit, ...by });
      const text = notes.length > 0 ? notesTable(notes) : "No notes";
      await context.out.done("memory list", { notes: notes.map(noteJson) }, text);
    });

  command
    .command("show")
    .description("one note, every version of it")
    .argument("<key>", "the note, or how its key begins")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov memory show release\n")
    .action(async (key: string) => {
      const versions = historyOf(toolsOf(context), key);
      await context.out.done(
        "memory show",
        { key: versions[0]?.key ?? key, versions: versions.map(noteJson) },
        notesText(versions),
      );
    });
};
