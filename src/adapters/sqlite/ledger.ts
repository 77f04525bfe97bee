import type { Impossible, LeaseRow, Ledger } from "../../ports/doctor.ts";
import { openDatabase } from "./database.ts";
import { OPEN } from "./mail-queries.ts";
import { toDelivery } from "./rows.ts";

type Row = Record<string, unknown>;

/** What each state of a delivery must have, and may not; the store's own moves keep to it. */
const RULES: { state: string; wrong: string; why: string; mendable?: true }[] = [
  {
    state: "leased",
    wrong: "lease_until IS NULL",
    why: "its lease has no end, so that nothing looks for it",
    mendable: true,
  },
  { state: "leased", wrong: "lease_owner IS NULL OR door IS NULL", why: "nobody has taken it" },
  {
    state: "queued",
    wrong: "lease_owner IS NOT NULL OR lease_until IS NOT NULL",
    why: "it is in somebody's hands",
  },
  { state: "offered", wrong: "offered_at IS NULL OR door IS NULL", why: "it went through no door" },
  { state: "seen", wrong: "seen_at IS NULL OR proof IS NULL", why: "nothing proves it" },
  { state: "acked", wrong: "acked_at IS NULL", why: "it has no time of an answer" },
  { state: "dead", wrong: "dead_at IS NULL OR reason IS NULL", why: "no reason says why" },
];

/** A connection of its own: these questions are asked by nobody else, and must cost nobody else. */
export function ledger(path: string, now: () => number): Ledger {
  const db = openDatabase(path);
  const all = <T>(sql: string, ...values: unknown[]) => db.prepare(sql).all(...values) as T[];
  return {
    open: () =>
      all<{ recipient: string; queued: number }>(
        `SELECT recipient, max(state = 'queued') AS queued FROM deliveries
         WHERE ${OPEN} GROUP BY recipient`,
      ).map(({ recipient, queued }) => ({ recipient, queued: queued === 1 })),
    impossible: () => [
      ...RULES.flatMap(({ state, wrong, why, mendable = false }) =>
        all<Pick<Impossible, "id" | "recipient">>(
          `SELECT m.id, d.recipient FROM deliveries d JOIN messages m USING (seq)
           WHERE d.state = ? AND (${wrong}) ORDER BY d.seq`,
          state,
        ).map((row) => ({ ...row, state, why, mendable })),
      ),
      ...all<{ id: string }>(
        "SELECT id FROM messages WHERE seq NOT IN (SELECT seq FROM deliveries) ORDER BY seq",
      ).map(({ id }) => ({
        ...{ id, recipient: "nobody", state: "stored" },
        why: "it is to nobody",
        mendable: false,
      })),
    ],
    leases: () => all<LeaseRow>("SELECT name, owner, until FROM leases ORDER BY name"),
    overdue: (before) =>
      all(
        `SELECT d.recipient, m.id, d.lease_until AS until FROM deliveries d JOIN messages m USING (seq)
         WHERE d.state = 'leased' AND d.${OPEN} AND d.lease_until < ? ORDER BY d.seq`,
        before,
      ),
    dead: () =>
      all(
        `SELECT m.id, d.recipient, d.reason FROM deliveries d JOIN messages m USING (seq)
         WHERE d.state = 'dead' ORDER BY d.seq`,
      ),
    waiting: (before) =>
      all<Row>(
        `SELECT d.*, m.id AS message_id, m.sender, m.created_at FROM deliveries d
         JOIN messages m USING (seq)
         WHERE d.state = 'queued' AND d.${OPEN} AND m.created_at < ?
           AND (d.expires_at IS NULL OR d.expires_at > ?)
         ORDER BY m.created_at, d.seq`,
        before,
        now(),
      ).map((row) => ({
        delivery: toDelivery(row),
        sender: row.sender as string,
        createdAt: row.created_at as number,
      })),
    endLeases(id, recipient) {
      db.prepare(
        `UPDATE deliveries SET lease_until = @now
         WHERE state = 'leased' AND lease_until IS NULL AND recipient = @recipient
           AND seq = (SELECT seq FROM messages WHERE id = @id)`,
      ).run({ id, recipient, now: now() });
    },
    dropLease({ name, owner, until }) {
      db.prepare("DELETE FROM leases WHERE name = ? AND owner = ? AND until = ?").run(
        ...[name, owner, until],
      );
    },
    checkpoint: () => void db.pragma("wal_checkpoint(TRUNCATE)"),
    close: () => void db.close(),
  };
}
