import { parseDuration } from "../../../domain/duration.ts";
import { remember } from "../../../usecases/keep-memory.ts";
import { natural } from "../../options.ts";
import { readStdin } from "../../stdin.ts";
import type { Register } from "../../verbs.ts";
import { toolsOf, withTags } from "./options.ts";
import { noteJson } from "./view.ts";

interface Options {
  key?: string;
  tag?: string[];
  importance?: number;
  expires?: string;
  agent?: string;
}

export const register: Register = (command, context) => {
  command
    .argument("[text...]", "the note; without it, it is read from stdin")
    .option("--key <key>", "a name for a fact that changes: the next text is its next version");
  withTags(command, "a word to find it by, as often as you like; an agent's name shows it to them")
    .option("--importance <n>", "1 (may be dropped) to 5 (must be known); default 3", natural)
    .option("--expires <duration>", "how long it counts, as 12h or 30d")
    .option("--agent <name>", "who writes it (default: $OV_AGENT, else orchestrator)")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Examples:
  ov remember "The API tests need port 8091 free" --tag tests
  ov remember --key release --importance 5 "Freeze until Friday" --expires 4d
`,
    )
    .action(async (words: string[], { tag, expires, agent, ...rest }: Options) => {
      const note = remember(toolsOf(context), {
        ...rest,
        text: words.length > 0 ? words.join(" ") : await readStdin(),
        tags: tag,
        expires: expires === undefined ? undefined : parseDuration(expires, "--expires"),
        agent: context.identity(agent),
      });
      await context.out.done("remember", noteJson(note), `${note.key} v${note.version}`);
    });
};
