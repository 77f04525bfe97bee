import { LONGEST_MS } from "../../domain/clock.ts";
import type { Delivery } from "../../domain/delivery.ts";
import { WANTS_ACK } from "../../domain/message.ts";
import type { Filter, Letter, MailStore, OpenDelivery } from "../../ports/store.ts";
import type { MailTools } from "./mail.ts";
import { beginsWith, toDelivery, toMessage } from "./rows.ts";

type Queries = Pick<
  MailStore,
  | "get"
  | "subjects"
  | "beginning"
  | "list"
  | "thread"
  | "search"
  | "queued"
  | "held"
  | "count"
  | "open"
  | "concerned"
  | "undoable"
  | "wakeable"
  | "unacked"
  | "perRecipient"
>;
type Row = Record<string, unknown>;

/** The words of the partial index on what is open: SQLite uses it for these words only. */
export const OPEN = "state IN ('queued', 'leased', 'offered')";

/** The same for seen letters whose turn may still be taken back. */
export const UNDOABLE = "state = 'seen' AND lease_until IS NOT NULL";

/** The words of the partial index on what asks for an answer (`WANTS_ACK`). */
const ASKING = `type IN (${WANTS_ACK.map((type) => `'${type}'`).join(", ")})`;

/** The reason of a queued letter whose `recipient` had sessions and has none now; else null. */
export const NOT_RUNNING = `(SELECT 'not_running'
  WHERE EXISTS (SELECT 1 FROM sessions s WHERE s.agent = recipient)
    AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.agent = recipient AND s.ended_at IS NULL))`;

export const UNLESS_EXPIRED = "(expires_at IS NULL OR expires_at > @now)";

/** WHERE of a Filter over `messages m`; every value is a parameter. */
export function where(filter: Filter): { sql: string; values: Row } {
  const has = (test: string) =>
    `EXISTS (SELECT 1 FROM deliveries d WHERE d.seq = m.seq AND ${test})`;
  const parts = ["1"];
  if (filter.sender) parts.push("m.sender = @sender");
  if (filter.recipient) parts.push(has("d.recipient = @recipient"));
  if (filter.party) parts.push(`(m.sender = @party OR ${has("d.recipient = @party")})`);
  if (filter.type) parts.push("m.type = @type");
  if (filter.before !== undefined) parts.push("m.seq < @before");
  if (filter.unread) {
    const whose = filter.recipient ? "d.recipient = @recipient AND " : "";
    const party = !filter.recipient && filter.party ? "d.recipient = @party AND " : "";
    parts.push(has(`${whose}${party}d.state IN ('queued', 'leased', 'offered')`));
  }
  return { sql: parts.join(" AND "), values: { before: null, ...filter, unread: null } };
}

export function letters({ db }: Pick<MailTools, "db">, rows: Row[]): Letter[] {
  const found = rows.map(toMessage);
  const seqs = JSON.stringify(found.map((message) => message.seq));
  const deliveries = db
    .prepare(
      `SELECT d.*, m.id AS message_id FROM deliveries d JOIN messages m USING (seq)
       WHERE d.seq IN (SELECT value FROM json_each(?)) ORDER BY d.recipient`,
    )
    .all(seqs) as Row[];
  const bySeq = new Map<number, Delivery[]>(found.map(({ seq }) => [seq, []]));
  for (const delivery of deliveries.map(toDelivery)) bySeq.get(delivery.seq)?.push(delivery);
  return found.map((message) => ({ message, deliveries: bySeq.get(message.seq) ?? [] }));
}

/** A search text becomes words that must all occur; FTS5 operators in it mean nothing. */
function words(text: string): string {
  const found = text.match(/[\p{L}\p{N}_]+/gu) ?? [];
  return found.map((word) => `"${word}"*`).join(" ");
}

export function mailQueries({ db, now }: MailTools): Queries {
  const all = (sql: string, values: Row) => letters({ db }, db.prepare(sql).all(values) as Row[]);
  const taken = (recipient: string, test: string): OpenDelivery[] => {
    const rows = db
      .prepare(
        `SELECT d.*, m.id AS message_id, m.sender FROM deliveries d JOIN messages m USING (seq)
         WHERE d.recipient = ? AND ${test} ORDER BY d.seq`,
      )
      .all(recipient) as Row[];
    return rows.map((row) => ({
      delivery: toDelivery(row),
      id: row.message_id as string,
      sender: row.sender as string,
    }));
  };
  return {
    get: (id) => all("SELECT * FROM messages WHERE id = @id", { id })[0],
    subjects(ids) {
      const sql = "SELECT id, subject FROM messages WHERE id IN (SELECT value FROM json_each(?))";
      return new Map(db.prepare(sql).raw().all(JSON.stringify(ids)) as [string, string][]);
    },
    beginning: (text, limit) =>
      db
        .prepare(`SELECT id FROM messages WHERE ${beginsWith("id")} ORDER BY id LIMIT @limit`)
        .pluck()
        .all({ text, limit }) as string[],
    list(filter) {
      const { sql, values } = where(filter);
      return all(`SELECT m.* FROM messages m WHERE ${sql} ORDER BY seq DESC LIMIT @limit`, values);
    },
    thread: (id) => all("SELECT * FROM messages WHERE thread = @id ORDER BY seq", { id }),
    search(text, filter) {
      const query = words(text);
      if (query === "") return [];
      const { sql, values } = where(filter);
      return all(
        `SELECT m.* FROM messages_fts f JOIN messages m ON m.seq = f.rowid
         WHERE messages_fts MATCH @query AND ${sql} ORDER BY rank LIMIT @limit`,
        { ...values, query },
      );
    },
    queued: (recipient, limit) =>
      (
        db
          .prepare(
            `SELECT m.* FROM deliveries d JOIN messages m USING (seq)
             WHERE d.recipient = @recipient AND d.state = 'queued' AND d.${OPEN}
               AND (d.expires_at IS NULL OR d.expires_at > @now)
             ORDER BY d.urgent DESC, d.seq LIMIT @limit`,
          )
          .all({ recipient, limit, now: now() }) as Row[]
      ).map(toMessage),
    held: (recipient, reason) =>
      db
        .prepare(
          `SELECT count(*) FROM deliveries WHERE recipient = @recipient AND state = 'queued'
             AND ${OPEN} AND reason = @reason AND next_try_at > @now`,
        )
        .pluck()
        .get({ recipient, reason, now: now() }) as number,
    count(recipient) {
      const rows = db
        .prepare(
          `SELECT state, count(*) AS n FROM deliveries
           WHERE recipient = ? AND state IN ('queued', 'leased', 'offered') GROUP BY state`,
        )
        .all(recipient) as { state: string; n: number }[];
      const queued = rows.find((row) => row.state === "queued")?.n ?? 0;
      return { queued, open: rows.reduce((sum, row) => sum + row.n, 0) };
    },
    open: (recipient) => taken(recipient, `d.state IN ('leased', 'offered') AND d.${OPEN}`),
    concerned() {
      const sql = `SELECT DISTINCT recipient FROM deliveries WHERE ${OPEN}
                   UNION SELECT recipient FROM deliveries WHERE ${UNDOABLE}`;
      return new Set(db.prepare(sql).pluck().all() as string[]);
    },
    undoable: (recipient) => taken(recipient, UNDOABLE),
    wakeable: (recipient, at) =>
      (
        db
          .prepare(
            `SELECT d.*, m.id AS message_id FROM deliveries d JOIN messages m USING (seq)
             WHERE d.recipient = @recipient AND d.state = 'queued' AND d.${OPEN} AND d.wake = 1
               AND (d.expires_at IS NULL OR d.expires_at > @now)
               AND (d.next_try_at IS NULL OR d.next_try_at <= @at
                    OR d.next_try_at > @now + ${LONGEST_MS})
             ORDER BY d.urgent DESC, d.seq`,
          )
          .all({ recipient, at, now: now() }) as Row[]
      ).map((row) => {
        const message = db.prepare("SELECT * FROM messages WHERE seq = ?").get(row.seq) as Row;
        return { message: toMessage(message), delivery: toDelivery(row) };
      }),
    unacked: (recipient) =>
      all(
        `SELECT m.* FROM messages m CROSS JOIN deliveries d USING (seq)
         WHERE m.${ASKING} AND d.recipient = @recipient AND d.state = 'seen' ORDER BY m.seq`,
        { recipient },
      ),
    perRecipient() {
      const sql = `SELECT recipient, sum(queued), sum(unacked) FROM (
          SELECT recipient, 1 AS queued, 0 AS unacked FROM deliveries
          WHERE ${OPEN} AND state = 'queued'
          UNION ALL
          SELECT d.recipient, 0, 1 FROM messages m CROSS JOIN deliveries d USING (seq)
          WHERE m.${ASKING} AND d.state = 'seen'
        ) GROUP BY recipient`;
      const rows = db.prepare(sql).raw().all() as [string, number, number][];
      return new Map(rows.map(([name, queued, unacked]) => [name, { queued, unacked }]));
    },
  };
}
