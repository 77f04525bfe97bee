import { type Message, newId } from "../../domain/message.ts";
import type { Draft, Limits, MailStore, Marker } from "../../ports/store.ts";
import type { Db } from "./database.ts";
import type { Log } from "./events.ts";
import { checkLimits } from "./limits.ts";
import { mailDeath } from "./mail-death.ts";
import { mailMoves } from "./mail-moves.ts";
import { mailQueries, NOT_RUNNING } from "./mail-queries.ts";
import { toMessage } from "./rows.ts";

export interface MailTools {
  db: Db;
  now: () => number;
  random: (bytes: number) => Uint8Array;
  log: Log;
  marker: Marker;
}

/**
 * Wraps work in BEGIN IMMEDIATE: a transaction that begins with a read cannot wait for another
 * writer, and a marker set or cleared inside it is never torn from the rows that it stands for.
 */
export function atomic(db: Db) {
  return <A extends unknown[], R>(work: (...args: A) => R) => {
    const run = db.transaction(work);
    return (...args: A): R => run.immediate(...args);
  };
}

export type Post = (draft: Draft, recipients: readonly string[]) => Message;

export function mailStore(tools: MailTools): MailStore {
  const { db } = tools;
  const post = poster(tools);
  return {
    send: atomic(db)((draft: Draft, recipients: readonly string[], limits: Limits) => {
      if (draft.sentBy !== undefined) checkLimits(tools, draft.sentBy, recipients, limits);
      return post(draft, recipients);
    }),
    ...mailQueries(tools),
    ...mailMoves(tools),
    ...mailDeath(tools, post),
  };
}

/** Stores one message inside the caller's transaction. */
export function poster({ db, now, random, log, marker }: MailTools): Post {
  const register = db.prepare(
    `INSERT OR IGNORE INTO agents (name, kind, role, created_at)
     VALUES (?, 'external', 'none', ?)`,
  );
  const insert = db.prepare(
    `INSERT INTO messages (id, sender, address, type, subject, body, payload, priority, thread,
       reply_to, hops, expires_at, created_at, sent_by)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *`,
  );
  const deliver = db.prepare(
    `INSERT INTO deliveries (seq, recipient, urgent, wake, expires_at, reason)
     SELECT ?, recipient, ?, ?, ?, ${NOT_RUNNING} FROM (SELECT ? AS recipient)`,
  );
  return (draft, recipients) => {
    const id = newId("msg", now(), random);
    const expires = draft.expiresAt ?? null;
    register.run(draft.sender, now());
    const row = insert.get(
      id,
      draft.sender,
      draft.address,
      draft.type,
      draft.subject,
      draft.body,
      draft.payload,
      draft.priority,
      draft.thread ?? id,
      draft.replyTo ?? null,
      draft.hops ?? 0,
      expires,
      now(),
      draft.sentBy ?? null,
    ) as Record<string, unknown>;
    for (const recipient of recipients) {
      marker.set(recipient);
      const urgent = draft.priority === "urgent" ? 1 : 0;
      deliver.run(row.seq, urgent, draft.wake ? 1 : 0, expires, recipient);
    }
    log("mail.sent", { agent: draft.sender, message: id, data: { to: recipients } });
    return toMessage(row);
  };
}
