import type { Command } from "commander";
import { isUnwritable } from "../../../domain/errors.ts";
import { MESSAGE_TYPES } from "../../../domain/message.ts";
import { OPERATOR, ORCHESTRATOR } from "../../../domain/name.ts";
import type { Filter, Letter } from "../../../ports/store.ts";
import { findLetter, letterOf } from "../../../usecases/find-by-id.ts";
import { type LetterReading, readMail } from "../../../usecases/read-mail.ts";
import { type Context, makeId, now } from "../../context.ts";
import { limitOption, oneOf } from "../../options.ts";
import { toWidth } from "../../table.ts";
import { letterJson } from "./json.ts";
import { letterLine, letterText } from "./view.ts";

interface ListOptions {
  from?: string;
  to?: string;
  agent?: string;
  unread?: boolean;
  type?: string;
  limit: number;
  before?: string;
}

const named = (name: string | undefined) => (name === OPERATOR ? ORCHESTRATOR : name);

/** One more than is shown, so that it is known whether there are more. */
export function filterOf(context: Context, options: ListOptions): Filter {
  const { before } = options;
  return {
    before: before === undefined ? undefined : letterOf(context.store, before).message.seq,
    sender: named(options.from),
    recipient: named(options.to),
    party: named(options.agent),
    unread: options.unread,
    type: options.type === undefined ? undefined : oneOf("type", options.type, MESSAGE_TYPES),
    limit: options.limit + 1,
  };
}

export function withFilter(command: Command): Command {
  return command
    .option("--from <name>", "only from this sender")
    .option("--to <name>", "only to this recipient")
    .option("--agent <name>", "only from or to this agent")
    .option("--unread", "only what its recipient has not seen")
    .option("--type <type>", "only of this type")
    .addOption(limitOption(50))
    .option("--json", "print JSON only");
}

export const beforeOption = [
  "--before <id>",
  "only messages that were stored before this one",
] as const;

/** Says where the rest is, where the list was cut. */
export async function showList(
  context: Context,
  command: string,
  found: readonly Letter[],
  none: string,
  { limit, to }: ListOptions,
): Promise<void> {
  const letters = found.slice(0, limit);
  const text = letters.map((letter) => toWidth(letterLine(letter, now(), to))).join("\n");
  const messages = letters.map((letter) => letterJson(letter, to));
  const more = found.length > limit;
  await context.out.done(command, { messages, more }, text || none);
  const { id } = letters.at(-1)?.message ?? {};
  const rest = command === "mail search" ? "say more words" : `ov ${command} --before ${id}`;
  if (more) context.out.note(`More: ${rest}`);
}

/** Peeks: nothing here changes a receipt, but `read`, by the recipient itself. */
export function registerRead(mail: Command, context: Context): void {
  withFilter(
    mail.command("list").description("list letters, newest first, and their receipts; * is unread"),
  )
    .option(...beforeOption)
    .addHelpText("after", "\nExample:\n  ov mail list --agent builder-1 --unread --limit 10\n")
    .action((options: ListOptions) => {
      const found = context.store.mail.list(filterOf(context, options));
      return showList(context, "mail list", found, "No messages", options);
    });

  withFilter(mail.command("search").description("full-text search in subjects and bodies"))
    .argument("<words...>", "all must occur; a word matches its beginnings")
    .addHelpText("after", "\nExample:\n  ov mail search login token --from lead-1\n")
    .action((words: string[], options: ListOptions) =>
      showList(
        context,
        "mail search",
        context.store.mail.search(words.join(" "), filterOf(context, options)),
        "No message has these words",
        options,
      ),
    );

  mail
    .command("thread")
    .description("print a whole thread; nothing is marked")
    .argument("<id>", "the id of the thread or of any letter in it, or how it begins")
    .addOption(limitOption(200))
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov mail thread msg-01k…\n")
    .action(async (id: string, { limit }: { limit: number }) => {
      const letter = letterOf(context.store, id);
      const letters = context.store.mail.thread(letter.message.thread).slice(-limit);
      const data = {
        threadId: letter.message.thread,
        messages: letters.map((one) => letterJson(one)),
      };
      await context.out.done("mail thread", data, letters.map(letterText).join("\n"));
    });

  mail
    .command("read")
    .description("print one letter; by its recipient, it counts as seen")
    .argument("<id>", "the message id, or how it begins")
    .option("--agent <name>", "the reader (default: $OV_AGENT, else orchestrator)")
    .option("--from <name>", "the same as --agent")
    .option("--body <text>", "accepted: only ov mail reply has a body")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov mail read msg-01k…\n")
    .action(async (id: string, options: { agent?: string; from?: string }) => {
      const reader = context.identity(options.agent ?? options.from);
      const { letter, printed } = await readAnyway(context, id, reader);
      const data = { message: letterJson(letter) };
      await context.out.done("mail read", data, letterText(letter));
      printed();
    });
}

/** On a disk that takes no more a letter is shown, and stays unread. */
async function readAnyway(context: Context, id: string, reader: string): Promise<LetterReading> {
  const { store, out } = context;
  try {
    return readMail({ store, now }, id, reader, makeId("reader"));
  } catch (error) {
    const trouble = await out.explain(error, "mail read");
    const letter = isUnwritable(trouble) ? findLetter(store, id) : undefined;
    if (!letter) throw trouble;
    out.warn(`ov: not marked as read: ${trouble.message}`);
    return { letter, printed: () => undefined };
  }
}
