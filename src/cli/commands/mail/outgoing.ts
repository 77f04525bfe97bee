import { limitsOf } from "../../../domain/config.ts";
import { isProtocol, type MessageType } from "../../../domain/message.ts";
import {
  type Outgoing,
  type Reply,
  replyMail,
  type Sent,
  sendMail,
} from "../../../usecases/send-mail.ts";
import type { Context } from "../../context.ts";

/** `body` is asked for once all else is known to be right: it may have to be read from stdin. */
type Letter = Omit<Outgoing, "body"> & { body: () => string | Promise<string> };

/** Stores a letter by the project's limits, and sees to it that those who should know now do. */
export async function sendLetter(context: Context, letter: Letter): Promise<Sent> {
  const payload = letter.payload && (await checked(letter.type, letter.payload));
  const limits = limitsOf(await context.config());
  const sent = sendMail(
    context.store,
    { ...letter, payload, body: await letter.body(), by: context.caller() },
    limits,
  );
  await context.kick(sent.recipients);
  return sent;
}

export async function replyLetter(context: Context, reply: Reply): Promise<Sent> {
  if (reply.payload !== undefined) await checked("result", reply.payload);
  const sent = replyMail(
    context.store,
    { ...reply, by: context.caller() },
    limitsOf(await context.config()),
  );
  await context.kick(sent.recipients);
  return sent;
}

async function checked(type: MessageType, json: string): Promise<string> {
  const { checkPayload, parsePayload } = await import("../../../domain/payload.ts");
  const payload = parsePayload(json);
  return isProtocol(type) ? JSON.stringify(checkPayload(type, payload)) : json;
}
