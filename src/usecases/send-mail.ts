import { resolveAddress } from "../domain/address.ts";
import { AppError } from "../domain/errors.ts";
import {
  HOPS_MAX,
  isProtocol,
  type Message,
  type MessageType,
  type Priority,
  replyType,
  wakes,
} from "../domain/message.ts";
import { checkName, ORCHESTRATOR } from "../domain/name.ts";
import { maskSecrets } from "../domain/reply-line.ts";
import { cleanBody, cleanHeader, head } from "../domain/text.ts";
import type { Draft, Limits, Store } from "../ports/store.ts";
import { letterOf } from "./find-by-id.ts";
import { readerOf } from "./handoff-record.ts";

export interface Outgoing {
  sender: string;
  to: string;
  type: MessageType;
  subject: string;
  body: string;
  /** JSON text that was checked against its type, or null. */
  payload: string | null;
  priority: Priority;
  expiresAt?: number | undefined;
  wake?: boolean | undefined;
  replyTo?: Message | undefined;
  /** The agent whose process sends it; undefined: a person, a script or Overture. */
  by?: string | undefined;
}

export interface Sent {
  message: Message;
  recipients: string[];
  warning: string | undefined;
}

/** For letters that a person or Overture itself caused. */
export const NO_LIMITS: Limits = { perMinute: 0, perPair: 0 };

const SUBJECT_MAX = 300;
const BODY_MAX = 4 * 1024 * 1024;
const PAYLOAD_MAX = 1024 * 1024;

/** Stores a letter for every recipient of its address, or throws and stores nothing. */
export function sendMail(store: Store, out: Outgoing, limits: Limits): Sent {
  checkName(out.sender, "sender");
  const body = maskSecrets(cleanBody(out.body));
  if (body.length > BODY_MAX) {
    throw new AppError("refused", `the body has ${body.length} characters`, "the limit is 4 MiB");
  }
  const subject = head(maskSecrets(cleanHeader(out.subject)), SUBJECT_MAX);
  if (subject === "") throw new AppError("usage", "--subject is empty", "say what it is about");
  const agents = store.agents.list().map(({ name, role, kind }) => ({
    name,
    role,
    addressable: kind !== "external" && kind !== "system" && name !== ORCHESTRATOR,
  }));
  const groups = store.groups.all();
  const named = resolveAddress(out.to, out.sender, { agents, groups });
  const recipients = [...new Set(named.map((name) => readerOf(store, name)))].sort();
  if (recipients.includes(out.sender) && store.agents.get(out.sender)?.kind !== "human") {
    const hint = "remove your own name, or write to a group: it leaves its sender out";
    throw new AppError("refused", `${out.sender} cannot write to itself`, hint);
  }
  const draft: Draft = {
    sender: out.sender,
    sentBy: out.by,
    address: cleanHeader(out.to),
    type: out.type,
    subject,
    body,
    payload: out.payload === null ? null : cleanPayload(out.payload),
    priority: out.priority,
    thread: out.replyTo?.thread,
    replyTo: out.replyTo?.id,
    hops: hopsOf(store, out),
    expiresAt: out.expiresAt,
    wake: wakes(out.type, out.priority, out.wake ?? false),
  };
  const message = store.mail.send(draft, recipients, limits);
  const missing = isProtocol(out.type) && out.payload === null;
  const warning = missing ? `${out.type} was sent without --payload` : undefined;
  return { message, recipients, warning };
}

/** A person's answer begins a new count; too many without one are refused. */
function hopsOf(store: Store, { sender, replyTo }: Outgoing): number {
  if (!replyTo || store.agents.get(sender)?.kind === "human") return 0;
  const hops = replyTo.hops + 1;
  if (hops <= HOPS_MAX) return hops;
  throw new AppError(
    "rate_limited",
    `this thread has ${HOPS_MAX} answers in a row without a person: it looks like a loop`,
    "nothing was stored; end it here, or tell a person: ov mail send --to orchestrator",
  );
}

/** JSON on one line cannot forge a header, and its strings carry no control bytes. */
function cleanPayload(json: string): string {
  const payload = maskSecrets(cleanHeader(JSON.stringify(JSON.parse(json))));
  if (payload.length <= PAYLOAD_MAX) return payload;
  const message = `the payload has ${payload.length} characters`;
  throw new AppError("refused", message, "the limit is 1 MiB: put it in a file and name its path");
}

export interface Reply {
  /** The letter that is answered. */
  id: string;
  sender: string;
  body: string;
  /** JSON text. */
  payload?: string | undefined;
  wake?: boolean | undefined;
  by?: string | undefined;
}

/** Answers the other side of a thread and acknowledges the letter that is answered. */
export function replyMail(store: Store, input: Reply, limits: Limits): Sent {
  const letter = letterOf(store, input.id);
  const { message } = letter;
  const own = message.sender === input.sender;
  const to = own ? letter.deliveries.map((d) => d.recipient).join(",") : message.sender;
  const sent = sendMail(
    store,
    {
      sender: input.sender,
      to,
      type: replyType(message.type),
      subject: message.subject.startsWith("Re: ") ? message.subject : `Re: ${message.subject}`,
      body: input.body,
      payload: input.payload ?? null,
      priority: "normal",
      wake: input.wake ?? message.type === "question",
      replyTo: message,
      by: input.by,
    },
    limits,
  );
  store.mail.ack(message.id, input.sender);
  return sent;
}
