import type { Delivery } from "../../../domain/delivery.ts";
import type { Message } from "../../../domain/message.ts";
import { isoOrNull } from "../../../domain/time.ts";
import type { Letter } from "../../../ports/store.ts";

/** A receipt in JSON: the state as it is known, never a better one. */
export function receiptJson(d: Delivery) {
  return {
    recipient: d.recipient,
    state: d.state,
    reason: d.reason,
    proof: d.proof,
    door: d.door,
    attempts: d.attempts,
    offeredAt: isoOrNull(d.offeredAt),
    seenAt: isoOrNull(d.seenAt),
    ackedAt: isoOrNull(d.ackedAt),
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
    createdAt: isoOrNull(m.createdAt),
    expiresAt: isoOrNull(m.expiresAt),
    receipts: deliveries.map(receiptJson),
  };
}

/** Of the deliveries to `reader`, else of all. */
const those = ({ deliveries }: Letter, reader: string | undefined) =>
  deliveries.filter(({ recipient }) => reader === undefined || recipient === reader);

/** Whether every recipient (or this one) has read it. */
export const isRead = (letter: Letter, reader?: string) =>
  those(letter, reader).every(({ state }) => state === "seen" || state === "acked");

/** Whether somebody (or this one) is still to read it: a dead letter is neither. */
export const isUnread = (letter: Letter, reader?: string) =>
  those(letter, reader).some(
    ({ state }) => state !== "dead" && state !== "seen" && state !== "acked",
  );

export const letterJson = (letter: Letter, reader?: string) => ({
  ...messageJson(letter.message, letter.deliveries),
  read: isRead(letter, reader),
});
