import { LEASE_MS } from "../domain/delivery.ts";
import { fitting, inBytes } from "../domain/inject.ts";
import type { Message } from "../domain/message.ts";
import { type RecoverTools, recoverMail } from "./recover-mail.ts";

export interface Reading {
  letters: Message[];
  waiting: number;
  /** To be called once the letters were printed: their receipts become `seen`. */
  printed(): void;
}

export interface Choice {
  limit?: number | undefined;
  /** As many bytes as the reader can show; one letter goes even where it is longer. */
  room?: number | undefined;
}

/** More letters than ever fit where there is little room. */
const LOOK_AHEAD = 60;

/** A recipient reads its mail by its own command: takes what is queued, each letter once. */
export async function checkMail(
  tools: RecoverTools,
  recipient: string,
  owner: string,
  { limit, room }: Choice = {},
): Promise<Reading> {
  const { store, now } = tools;
  if (store.mail.open(recipient).length > 0) {
    await recoverMail(tools, recipient, undefined);
  }
  store.mail.expire(now());
  const next = room === undefined ? undefined : store.mail.queued(recipient, limit ?? LOOK_AHEAD);
  const fit = next?.slice(0, fitting(next, inBytes, room)).map((message) => message.seq);
  const letters = store.mail.claim(recipient, {
    ...(fit ? { seqs: fit } : limit === undefined ? {} : { limit }),
    owner,
    until: now() + LEASE_MS,
    door: "command",
    session: null,
    transcript: null,
  });
  const waiting = store.mail.count(recipient).queued;
  const seqs = letters.map((message) => message.seq);
  return {
    letters,
    waiting,
    printed() {
      store.mail.offered(recipient, seqs, owner);
      store.mail.seen(recipient, seqs, "command");
      store.mail.settle(recipient);
    },
  };
}
