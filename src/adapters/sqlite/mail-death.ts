import { SYSTEM } from "../../domain/name.ts";
import type { MailStore } from "../../ports/store.ts";
import { giveBack } from "./give-back.ts";
import { atomic, type MailTools, type Post } from "./mail.ts";
import { letters, where } from "./mail-queries.ts";

type Death = Pick<MailStore, "expire" | "dead" | "retry" | "purge" | "withdraw">;
type Dead = { seq: number; recipient: string };

/** Letters that end without a reader: the sender is told by a letter of its own. */
export function mailDeath(tools: MailTools, post: Post): Death {
  const { db, now, log, marker } = tools;
  const tx = atomic(db);
  const messageOf = db.prepare("SELECT id, sender, subject FROM messages WHERE seq = ?");
  const tell = (dead: Dead[], reason: string) => {
    for (const { seq, recipient } of dead) {
      const m = messageOf.get(seq) as { id: string; sender: string; subject: string };
      log("mail.dead", { agent: recipient, message: m.id, data: { reason } });
      if (m.sender === SYSTEM) continue;
      const draft = {
        sender: SYSTEM,
        address: m.sender,
        type: "error" as const,
        subject: `Not delivered to ${recipient}: ${m.subject}`,
        body: `${m.id} to ${recipient} is dead: ${reason}.\nSend it again with: ov mail retry ${m.id}`,
        payload: null,
        priority: "normal" as const,
        replyTo: m.id,
        wake: false,
      };
      post(draft, [m.sender]);
    }
    return dead.length;
  };
  const due = db.prepare(
    "SELECT 1 FROM deliveries WHERE state = 'queued' AND expires_at <= ? LIMIT 1",
  );
  const bury = (test: string) =>
    `UPDATE deliveries SET state = 'dead', reason = @reason, dead_at = @now, lease_until = NULL
     WHERE ${test} RETURNING seq, recipient`;
  const expireAll = tx(() => {
    const sql = bury("state = 'queued' AND expires_at IS NOT NULL AND expires_at <= @now");
    return tell(db.prepare(sql).all({ now: now(), reason: "expired" }) as Dead[], "expired");
  });
  const purge = tx((filter: Parameters<MailStore["purge"]>[0]) => {
    const done =
      "NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.seq = m.seq AND d.state IN ('queued', 'leased', 'offered'))";
    const parts = filter.all ? ["1"] : [done];
    if (filter.dead) {
      const isOther = "d.seq = m.seq AND d.state != 'dead'";
      parts.push("m.seq IN (SELECT d.seq FROM deliveries d WHERE d.state = 'dead')");
      parts.push(`NOT EXISTS (SELECT 1 FROM deliveries d WHERE ${isOther})`);
    }
    if (filter.before !== undefined) parts.push("m.created_at < @before");
    if (filter.agent !== undefined) {
      parts.push(
        `(m.sender = @agent OR EXISTS
           (SELECT 1 FROM deliveries d WHERE d.seq = m.seq AND d.recipient = @agent))`,
      );
    }
    const values = { before: filter.before ?? null, agent: filter.agent ?? null };
    const gone = db
      .prepare(`DELETE FROM messages AS m WHERE ${parts.join(" AND ")}`)
      .run(values).changes;
    if (gone > 0) log("mail.purged", { data: { ...filter, count: gone } });
    return gone;
  });
  return {
    expire: (at) => (due.get(at) ? expireAll() : 0),
    dead(filter) {
      const { sql, values } = where(filter);
      const rows = db
        .prepare(
          `SELECT m.* FROM messages m WHERE ${sql} AND m.seq IN
             (SELECT d.seq FROM deliveries d WHERE d.state = 'dead')
           ORDER BY seq DESC LIMIT @limit`,
        )
        .all(values);
      return letters(tools, rows as Record<string, unknown>[]);
    },
    retry: tx((id: string, recipient?: string) => {
      const names = db
        .prepare(
          `UPDATE deliveries SET state = 'queued', reason = NULL, attempts = 0, next_try_at = NULL,
             expires_at = NULL, dead_at = NULL, session = NULL, door = NULL
           WHERE state = 'dead' AND (@recipient IS NULL OR recipient = @recipient)
             AND seq = (SELECT seq FROM messages WHERE id = @id) RETURNING recipient`,
        )
        .pluck()
        .all({ id, recipient: recipient ?? null }) as string[];
      for (const name of names) marker.set(name);
      if (names.length > 0) log("mail.retried", { message: id, data: { to: names } });
      return names;
    }),
    withdraw: tx((id: string) => {
      const sql = `DELETE FROM messages AS m WHERE id = ? AND NOT EXISTS
        (SELECT 1 FROM deliveries d WHERE d.seq = m.seq AND d.state != 'queued')`;
      return db.prepare(sql).run(id).changes > 0;
    }),
    purge(filter) {
      const count = purge(filter);
      return { count, isGivenBack: count === 0 || giveBack(db) };
    },
  };
}
