import { parseDuration } from "../../../domain/duration.ts";
import { AppError } from "../../../domain/errors.ts";
import { remember } from "../../../usecases/keep-memory.ts";
import { natural } from "../../options.ts";
import { readStdin } from "../../stdin.ts";
import type { Register } from "../../verbs.ts";
import { toolsOf, withTags } from "./options.ts";
import { noteJson } from "./view.ts";

interface Options {
  key?: string;
  text?: string;
  body?: string;
  from?: string;
  tag?: string[];
  importance?: number;
  expires?: string;
  agent?: string;
}

export const register: Register = (command, context) => {
  command
    .argument("[text...]", "the note; without it or --text, it is read from stdin")
    .option("--text <text>", "the note")
    .option("--body <text>", "the same as --text")
    .option("--key <key>", "a name for a fact that changes: the next text is its next version");
  withTags(command, "a word to find it by, as often as you like; an agent's name shows it to them")
    .option("--importance <n>", "1 (may be dropped) to 5 (must be known); default 3", natural)
    .option("--expires <duration>", "how long it counts, as 12h or 30d")
    .option("--agent <name>", "who writes it (default: $OV_AGENT, else orchestrator)")
    .option("--from <name>", "the same as --agent")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Examples:
  ov remember "The API tests need port 8091 free" --tag tests
  ov remember --key release --importance 5 --text "Freeze until Friday" --expires 4d
  git log -1 --format=%B | ov remember --key last-release
`,
    )
    .action(
      async (words: string[], { tag, expires, agent, from, text, body, ...rest }: Options) => {
        const said = [...(words.length > 0 ? [words.join(" ")] : []), text, body].filter(
          (one) => one !== undefined,
        );
        if (said.length > 1) {
          throw new AppError("usage", "the note was given twice", "as words, or by --text");
        }
        const note = remember(toolsOf(context), {
          ...rest,
          text: said[0] ?? (await readStdin()),
          tags: tag,
          expires: expires === undefined ? undefined : parseDuration(expires, "--expires"),
          agent: context.identity(agent ?? from),
        });
        await context.out.done("remember", noteJson(note), `${note.key} v${note.version}`);
      },
    );
};
