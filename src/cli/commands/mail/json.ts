import type { Delivery } from "../../../domain/delivery.ts";
import type { Message } from "../../../domain/message.ts";
import type { Letter } from "../../../ports/store.ts";

export const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

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
