import kleur from "kleur";
import type { Delivery } from "../../../domain/delivery.ts";
import { formatAge } from "../../../domain/duration.ts";
import type { Message } from "../../../domain/message.ts";
import type { Letter } from "../../../ports/store.ts";

const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

/** A receipt in JSON: the state as it is known, never a better one. */
export function receiptJson(d: Delivery) {
  return {
    recipient: d.recipient,
    state: d.state,
    reason: d.reason,
    proof: d.proof,
    door: d.door,
    attempts: d.attempts,
    offeredAt: iso(d.offeredAt),
    seenAt: iso(d.seenAt),
    ackedAt: iso(d.ackedAt),
  };
}

export function messageJson(m: Message, deliveries: readonly Delivery[] = []) {
  return {
    id: m.id,
    from: m.sender,
    to: m.address,
    type: m.type,
    priority: m.priority,
    subject: m.subject,
    body: m.body,
    payload: m.payload,
    threadId: m.thread,
    replyTo: m.replyTo,
    createdAt: iso(m.createdAt),
    expiresAt: iso(m.expiresAt),
    receipts: deliveries.map(receiptJson),
  };
}

export const letterJson = (letter: Letter) => messageJson(letter.message, letter.deliveries);

const COLOR: Record<Delivery["state"], (text: string) => string> = {
  queued: kleur.yellow,
  leased: kleur.yellow,
  offered: kleur.cyan,
  seen: kleur.green,
  acked: kleur.green,
  dead: kleur.red,
};

/** `builder-1 seen (transcript)`, `lead held: dialog_open`. */
export function receiptText(d: Delivery): string {
  const isHeld = d.state === "queued" && d.reason !== null;
  const word = isHeld ? `held: ${d.reason}` : d.state;
  const why = d.state === "dead" ? `: ${d.reason}` : d.proof ? ` (${d.proof})` : "";
  return `${d.recipient} ${COLOR[d.state](word)}${why}`;
}

export function letterLine({ message: m, deliveries }: Letter, now: number): string {
  const mark = m.priority === "normal" ? "" : ` ${kleur.magenta(m.priority)}`;
  const to = deliveries.map(receiptText).join(", ");
  const age = formatAge(now - m.createdAt);
  return `${kleur.dim(m.id)}  ${age.padStart(3)}  ${m.sender} ▸ ${to}  ${kleur.dim(m.type)}${mark}  ${kleur.bold(m.subject)}`;
}

export function letterText(letter: Letter): string {
  const { message: m, deliveries } = letter;
  const head = [
    `${kleur.bold(m.subject)}`,
    `${m.id}  thread ${m.thread}`,
    `from ${m.sender} to ${m.address}  ${m.type}, ${m.priority}  ${iso(m.createdAt)}`,
    ...deliveries.map((d) => `receipt: ${receiptText(d)}`),
    ...(m.payload ? [`payload: ${m.payload}`] : []),
  ];
  return `${head.join("\n")}\n\n${m.body}\n`;
}
