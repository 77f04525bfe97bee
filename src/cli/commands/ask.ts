import { limitsOf } from "../../domain/config.ts";
import { parseDuration } from "../../domain/duration.ts";
import { AppError, unknownWord } from "../../domain/errors.ts";
import { cleanHeader, head } from "../../domain/text.ts";
import { answerPrinted, awaitAnswer } from "../../usecases/ask-agent.ts";
import { observe } from "../../usecases/observe-agent.ts";
import { sendMail } from "../../usecases/send-mail.ts";
import { type Context, makeId, now } from "../context.ts";
import type { Register } from "../verbs.ts";
import { receiptText } from "./mail/view.ts";

const SUBJECT = 60;

interface AskOptions {
  from?: string;
  subject?: string;
  timeout: string;
}

export const register: Register = (command, context) => {
  command
    .argument("<agent>", "its name")
    .argument("<question>", "what you want to know")
    .option("--subject <text>", "a subject (default: how the question begins)")
    .option("--from <name>", "the sender (default: $OV_AGENT, else orchestrator)")
    .option("--timeout <duration>", "how long to wait for the answer", "2m")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Sends a question that wakes an idle agent, waits for its reply, and prints it. Without a reply in
time the question stays in the mail; exit code 5, or 4 when it could not be delivered yet.

Example:
  ov ask builder-1 "Which port does the server use?" --timeout 5m
`,
    )
    .action(async (agent: string, question: string, options: AskOptions) => {
      const { store, out } = context;
      const known = store.agents.list().map(({ name }) => name);
      if (!known.includes(agent)) throw unknownWord("agent", agent, known);
      const timeout = parseDuration(options.timeout, "--timeout");
      const sender = context.identity(options.from);
      const draft = {
        sender,
        by: context.caller(),
        to: agent,
        type: "question" as const,
        subject: options.subject ?? head(question.split("\n")[0] ?? "", SUBJECT),
        body: question,
        payload: null,
        priority: "normal" as const,
        wake: true,
      };
      const { message } = sendMail(store, draft, limitsOf(await context.config()));
      await context.kick([agent]);
      const watch = await context.watchStore();
      const { reply, delivery } = await awaitAnswer(
        store,
        message,
        agent,
        makeId("reader"),
        now() + timeout,
        watch.changed,
        now,
        sayWhy(context, agent),
      );
      const asked = { id: message.id, threadId: message.thread, agent };
      if (reply) {
        const data = { ...asked, reply: { id: reply.id, type: reply.type, body: reply.body } };
        await out.done("ask", data, reply.body);
        return answerPrinted(store, reply, sender);
      }
      const receipt = delivery ? receiptText(delivery) : "not stored";
      const kind = delivery?.state === "queued" ? ("held" as const) : ("timeout" as const);
      const words = `no answer within ${options.timeout}; the question: ${receipt}`;
      const failure = new AppError(kind, words, `read it later: ov mail thread ${message.id}`);
      await out.done("ask", { ...asked, reply: null }, "", failure);
    });
};

const LOOK_MS = 3_000;

/** Says once what the answer waits for: a dialog at which the agent stands, before it read or after. */
function sayWhy(context: Context, agent: string): () => Promise<void> {
  let lookedAt = now();
  let said = "";
  return async () => {
    if (context.out.json || now() - lookedAt < LOOK_MS) return;
    lookedAt = now();
    const session = context.store.sessions.liveOf(agent);
    if (!session) return;
    const { state } = await observe(await context.team(), session);
    if (state.state !== "waiting" || said === state.detail) return;
    said = state.detail;
    context.out.note(`${agent} stands at a dialog (${cleanHeader(said)}): ov answer ${agent}`);
  };
}
