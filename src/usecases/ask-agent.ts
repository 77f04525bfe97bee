import type { Delivery } from "../domain/delivery.ts";
import { LEASE_MS } from "../domain/delivery.ts";
import type { Message } from "../domain/message.ts";
import type { Store } from "../ports/store.ts";

export interface Answer {
  /** Undefined: none came in time. */
  reply: Message | undefined;
  /** Where the question is now. */
  delivery: Delivery | undefined;
}

const LOOK_MS = 500;

/**
 * Waits for the answer to a question until the deadline (Unix ms), and takes it for the asker, so
 * that no hook gives it a second time. `waits` hears of each look; `changed` resolves when the store may have changed.
 */
export async function awaitAnswer(
  store: Store,
  question: Message,
  recipient: string,
  owner: string,
  deadline: number,
  changed: (ms: number) => Promise<void>,
  now: () => number,
  waits: (delivery: Delivery | undefined) => Promise<void>,
): Promise<Answer> {
  for (;;) {
    const reply = store.mail
      .thread(question.thread)
      .find(({ message: m }) => m.sender === recipient && m.seq > question.seq)?.message;
    if (reply) take(store, reply, question.sender, owner, now());
    const delivery = store.mail
      .get(question.id)
      ?.deliveries.find((one) => one.recipient === recipient);
    if (reply || now() >= deadline || delivery?.state === "dead") return { reply, delivery };
    await waits(delivery);
    await changed(Math.min(LOOK_MS, Math.max(1, deadline - now())));
  }
}

function take(store: Store, reply: Message, reader: string, owner: string, now: number): void {
  const door = "command" as const;
  const place = { session: null, transcript: null };
  const seqs = [reply.seq];
  store.mail.claim(reader, { seqs, owner, until: now + LEASE_MS, door, ...place });
  store.mail.offered(reader, seqs, owner);
}

/** To be called once the answer was printed. */
export function answerPrinted(store: Store, reply: Message, reader: string): void {
  store.mail.seen(reader, [reply.seq], "command");
  store.mail.settle(reader);
}
