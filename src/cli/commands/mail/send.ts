import { type Command, Option } from "commander";
import { parseDuration } from "../../../domain/duration.ts";
import { AppError } from "../../../domain/errors.ts";
import { MESSAGE_TYPES, PRIORITIES } from "../../../domain/message.ts";
import { awaitReceipt, type Receipts } from "../../../usecases/await-receipt.ts";
import type { Sent } from "../../../usecases/send-mail.ts";
import { type Context, now } from "../../context.ts";
import { oneOf } from "../../options.ts";
import { readStdin } from "../../stdin.ts";
import { receiptJson } from "./json.ts";
import { replyLetter, sendLetter } from "./outgoing.ts";

interface SendOptions {
  to: string;
  subject: string;
  body?: string;
  from?: string;
  agent?: string;
  type: string;
  priority: string;
  payload?: string;
  expires?: string;
  wake?: boolean;
  wait?: "seen" | "acked";
  timeout: string;
}

const wait = () =>
  new Option("--wait <receipt>", "wait for this receipt; exit 4 or 5 if it did not come").choices([
    "seen",
    "acked",
  ]);

export function registerSend(mail: Command, context: Context): void {
  mail
    .command("send")
    .description("store a letter for every recipient, then wake those who should know now")
    .requiredOption("--to <address>", "a name, @all, @<role>s, a group, or a comma list of these")
    .requiredOption("--subject <text>", "one line")
    .option("--body <text>", "the text; without it, it is read from stdin")
    .option("--from <name>", "the sender (default: $OV_AGENT, else orchestrator)")
    .option("--agent <name>", "the same as --from")
    .option("--type <type>", `one of ${MESSAGE_TYPES.join(", ")}`, "status")
    .option("--priority <priority>", `one of ${PRIORITIES.join(", ")}`, "normal")
    .option("--payload <json>", "the fields of a protocol type; a wrong one is refused by name")
    .option("--expires <duration>", "a dead letter after this time unread, e.g. 2h")
    .option("--wake", "start a turn of an idle recipient, whatever the type")
    .addOption(wait())
    .option("--timeout <duration>", "how long --wait waits", "30s")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Wakes an idle agent: dispatch, assign, worker_*, merge*, escalation, decision_gate, error,
priority high or urgent, --wake and --wait. All else waits for the agent's next turn.

Examples:
  ov mail send --to lead-1 --subject "Status?" --type question --body "Where are you?" --wake
  ov mail send --to @builders --subject "Freeze" --priority high --body "No merges today"
  git diff | ov mail send --to reviewer-1 --subject "Please read" --wait seen --timeout 2m
`,
    )
    .action(async (options: SendOptions) => {
      const sent = await sendLetter(context, {
        sender: context.identity(options.from ?? options.agent),
        to: options.to,
        type: oneOf("type", options.type, MESSAGE_TYPES),
        subject: options.subject,
        body: () => (options.body === undefined ? readStdin() : options.body),
        payload: options.payload ?? null,
        priority: oneOf("priority", options.priority, PRIORITIES),
        expiresAt: options.expires
          ? now() + parseDuration(options.expires, "--expires")
          : undefined,
        wake: options.wake || options.wait !== undefined,
      });
      await finish(context, "mail send", sent, options);
    });

  mail
    .command("reply")
    .description("answer a letter in its thread; the letter counts as acked")
    .argument("<id>", "the message id, or how it begins")
    .option("--body <text>", "the text; without it, it is read from stdin")
    .option("--from <name>", "the sender (default: $OV_AGENT, else orchestrator)")
    .option("--agent <name>", "the same as --from")
    .option("--payload <json>", "fields beside the text")
    .addOption(wait())
    .option("--timeout <duration>", "how long --wait waits", "30s")
    .option("--json", "print JSON only")
    .addHelpText("after", '\nExample:\n  ov mail reply msg-01k… --body "Done: branch ov/bo/t-1"\n')
    .action(async (id: string, options: SendOptions) => {
      const sent = await replyLetter(context, {
        id,
        sender: context.identity(options.from ?? options.agent),
        body: options.body ?? (await readStdin()),
        payload: options.payload,
        wake: options.wait !== undefined ? true : undefined,
      });
      await finish(context, "mail reply", sent, options);
    });
}

async function finish(
  context: Context,
  command: string,
  { message, recipients, warning }: Sent,
  { wait: goal, timeout }: Pick<SendOptions, "wait" | "timeout">,
): Promise<void> {
  const { store, out } = context;
  if (warning) out.warn(`ov: ${warning}`);
  const data = { id: message.id, threadId: message.thread, recipients };
  if (!goal) {
    await out.done(command, data, `${message.id} stored for ${recipients.join(", ")}`);
    return;
  }
  const { receiptText } = await import("./view.ts");
  const deadline = now() + parseDuration(timeout, "--timeout");
  const watch = await context.watchStore();
  const { outcome, deliveries } = await awaitReceipt(
    store,
    message.id,
    goal,
    deadline,
    watch.changed,
    now,
  );
  const receipts = { receipts: deliveries.map(receiptJson) };
  const text = deliveries.map((delivery) => `${message.id} ${receiptText(delivery)}`).join("\n");
  await out.done(command, { ...data, outcome, ...receipts }, text, missed(outcome, goal, timeout));
}

/** Why a wait ended without its receipt: the letter itself is stored all the same. */
function missed(outcome: Receipts["outcome"], goal: string, timeout: string): AppError | undefined {
  if (outcome === "reached") return undefined;
  if (outcome === "dead") return new AppError("refused", "the letter is dead", "ov mail dead");
  const hint = "it is stored; why it waits: ov explain <recipient>";
  if (outcome === "held") return new AppError("held", `not delivered within ${timeout}`, hint);
  return new AppError("timeout", `delivered, but not ${goal} within ${timeout}`, hint);
}
