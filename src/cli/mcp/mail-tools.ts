import * as z from "zod/mini";
import { cut, formatInjection, inBytes } from "../../domain/inject.ts";
import { MESSAGE_TYPES, PRIORITIES } from "../../domain/message.ts";
import { ackMail } from "../../usecases/ack-mail.ts";
import { checkMail } from "../../usecases/check-mail.ts";
import { readMail } from "../../usecases/read-mail.ts";
import type { Sent } from "../../usecases/send-mail.ts";
import { replyLetter, sendLetter } from "../commands/mail/outgoing.ts";
import { filterOf } from "../commands/mail/read.ts";
import { letterHead, letterLine } from "../commands/mail/view.ts";
import { makeId, now } from "../context.ts";
import { limit, optional, told } from "./fields.ts";
import { type Answer, type Tool, tool } from "./tool.ts";

/**
 * Bytes of letters in one answer. Codex keeps head and tail of a result above 10,000, and what was
 * cut out of a letter that counts as seen would be lost.
 */
const ROOM = 9_000;

const stored = ({ message, recipients, warning }: Sent): Answer => ({
  text: `${message.id} stored for ${recipients.join(", ")}${warning ? `\n${warning}` : ""}`,
  data: { id: message.id, recipients, ...(warning ? { warning } : {}) },
});

export const mailTools: readonly Tool[] = [
  tool({
    name: "mail_send",
    description: "Send a letter; it is stored when this returns",
    shape: z.strictObject({
      to: told(z.string(), "name, @all, @<role>s, group, or comma list"),
      subject: z.string(),
      body: z.string(),
      type: z._default(z.enum(MESSAGE_TYPES), "status"),
      priority: z._default(z.enum(PRIORITIES), "normal"),
      payload: told(z.optional(z.record(z.string(), z.unknown())), "fields of a protocol type"),
      wake: told(z.optional(z.boolean()), "start an idle recipient's turn"),
    }),
    async run({ context, agent }, { payload, body, ...rest }) {
      const sent = await sendLetter(context, {
        ...rest,
        sender: agent,
        body: () => body,
        payload: payload === undefined ? null : JSON.stringify(payload),
      });
      return stored(sent);
    },
  }),
  tool({
    name: "mail_check",
    description: "Take your new letters, each once",
    shape: z.strictObject({ limit: z.optional(z.int().check(z.minimum(1))) }),
    async run({ context, agent }, input) {
      const tools = { store: context.store, now, ...(await context.proofs()) };
      const choice = { ...input, room: ROOM };
      const { letters, waiting, printed } = await checkMail(tools, agent, makeId("mcp"), choice);
      const text = formatInjection(letters, waiting, inBytes, ROOM);
      return { text: text || "No new messages", written: printed };
    },
  }),
  tool({
    name: "mail_read",
    description: "One letter, whole; yours counts as seen",
    shape: z.strictObject({ id: z.string(), offset: z._default(z.int().check(z.minimum(0)), 0) }),
    run({ context: { store }, agent }, { id, offset }) {
      const { letter, printed } = readMail({ store, now }, id, agent, makeId("mcp"));
      const head = offset === 0 ? `${letterHead(letter)}\n\n` : "";
      const left = letter.message.body.slice(offset);
      // A payload has no limit, and each piece must bring something.
      const body = cut(left, Math.max(1_000, ROOM - inBytes(head)), inBytes);
      const more = left.length - body.length;
      const next = more === 0 ? "" : `\n[${more} characters more: offset ${offset + body.length}]`;
      return { text: head + body + next, written: printed };
    },
  }),
  tool({
    name: "mail_reply",
    description: "Answer a letter in its thread; it counts as acked",
    shape: z.strictObject({ id: z.string(), body: z.string() }),
    async run({ context, agent }, input) {
      return stored(await replyLetter(context, { ...input, sender: agent }));
    },
  }),
  tool({
    name: "mail_ack",
    description: "Say that you took up a letter; a reply does it too",
    shape: z.strictObject({ id: z.string() }),
    run({ context, agent }, { id: text }) {
      const id = ackMail(context.store, text, agent);
      return { text: `${id} acked`, data: { id, acked: true } };
    },
  }),
  tool({
    name: "mail_list",
    description: "Letters and receipts, newest first; marks nothing",
    shape: z.strictObject({
      from: optional,
      to: optional,
      unread: z.optional(z.boolean()),
      type: z.optional(z.string()),
      limit: limit(20),
    }),
    isReadOnly: true,
    run({ context }, { from, to, ...rest }) {
      const found = context.store.mail.list(filterOf(context, { from, to, ...rest }));
      const letters = found.slice(0, rest.limit);
      return { text: letters.map((one) => letterLine(one, now())).join("\n") || "No messages" };
    },
  }),
];
