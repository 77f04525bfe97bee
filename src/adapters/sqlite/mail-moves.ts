import type { MailStore, Taken } from "../../ports/store.ts";
import { atomic, type MailTools } from "./mail.ts";
import { NOT_RUNNING, OPEN, UNDOABLE, UNLESS_EXPIRED } from "./mail-queries.ts";
import { toMessage } from "./rows.ts";

type Moves = Pick<
  MailStore,
  | "claim"
  | "offered"
  | "seen"
  | "doubt"
  | "keep"
  | "requeue"
  | "hold"
  | "noticed"
  | "ack"
  | "arouse"
  | "unhold"
  | "redirect"
  | "settle"
>;

/** Each move is one UPDATE whose WHERE names the states it may start from (domain MOVES). */
export function mailMoves({ db, now, log, marker }: MailTools): Moves {
  const tx = atomic(db);
  const list = (seqs: readonly number[]) => JSON.stringify(seqs);
  const idsOf = db.prepare(
    "SELECT id FROM messages WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq",
  );
  const note = (kind: string, agent: string, seqs: readonly number[], data: unknown) => {
    for (const id of idsOf.pluck().all(list(seqs)) as string[])
      log(kind, { agent, message: id, data });
  };
  const claim = db.prepare(
    `UPDATE deliveries SET state = 'leased', lease_owner = @owner, lease_until = @until,
       door = @door, session = @session, transcript = @transcript, secret_hash = @secretHash,
       attempts = attempts + 1, reason = NULL
     WHERE recipient = @recipient AND state = 'queued' AND seq IN (
       SELECT seq FROM deliveries
       WHERE recipient = @recipient AND state = 'queued' AND ${OPEN} AND ${UNLESS_EXPIRED}
         AND (@seqs IS NULL OR seq IN (SELECT value FROM json_each(@seqs)))
       ORDER BY urgent DESC, seq LIMIT @limit)
     RETURNING seq, urgent`,
  );
  const messages = db.prepare(
    `SELECT * FROM messages WHERE seq IN (SELECT value FROM json_each(?))`,
  );
  const move = (sql: string) => {
    const statement = db.prepare(
      `${sql} AND recipient = @recipient AND seq IN (SELECT value FROM json_each(@seqs))
       RETURNING seq`,
    );
    return (recipient: string, seqs: readonly number[], values: object) =>
      statement.pluck().all({ recipient, seqs: list(seqs), now: now(), ...values }) as number[];
  };
  const offer = move(
    `UPDATE deliveries SET state = 'offered', offered_at = @now, lease_until = NULL
     WHERE state = 'leased' AND lease_owner = @owner`,
  );
  const see = move(
    `UPDATE deliveries SET state = 'seen', proof = @proof, seen_at = @now, lease_until = @since,
       lease_owner = NULL, offered_at = coalesce(offered_at, @now), reason = NULL
     WHERE state IN ('leased', 'offered')`,
  );
  const back = move(
    `UPDATE deliveries SET state = 'queued', lease_until = NULL, lease_owner = NULL, door = NULL,
       session = NULL, transcript = NULL, secret_hash = NULL, offered_at = NULL, next_try_at = NULL, proof = NULL,
       seen_at = NULL, reason = ${NOT_RUNNING}
     WHERE state IN ('leased', 'offered', 'seen') AND state = @state AND attempts = @attempts`,
  );
  const keep = move(`UPDATE deliveries SET lease_until = NULL WHERE ${UNDOABLE}`);
  const doubt = move("UPDATE deliveries SET lease_until = @until WHERE state = 'offered'");
  const holding = move(
    `UPDATE deliveries SET reason = @reason, next_try_at = @due WHERE state = 'queued'`,
  );
  const counting = move(
    `UPDATE deliveries SET attempts = attempts + 1, next_try_at = @due, reason = NULL
     WHERE state = 'queued'`,
  );
  const resting = db.prepare(`SELECT ${NOT_RUNNING} FROM (SELECT ? AS recipient)`).pluck();
  const sorted = (rows: { seq: number; urgent: number }[]) =>
    rows.sort((a, b) => b.urgent - a.urgent || a.seq - b.seq).map((row) => row.seq);

  return {
    claim: (recipient, choice) => {
      const rows = claim.all({
        recipient,
        seqs: choice.seqs ? list(choice.seqs) : null,
        limit: choice.limit ?? -1,
        owner: choice.owner,
        until: choice.until,
        door: choice.door,
        session: choice.session,
        transcript: choice.transcript,
        secretHash: choice.secretHash ?? null,
        now: now(),
      }) as { seq: number; urgent: number }[];
      const order = sorted(rows);
      const found = (messages.all(list(order)) as Record<string, unknown>[]).map(toMessage);
      return found.sort((a, b) => order.indexOf(a.seq) - order.indexOf(b.seq));
    },
    offered: (recipient, seqs, owner) => offer(recipient, seqs, { owner }).length,
    seen: tx((recipient: string, seqs: readonly number[], proof: string, isUndoable = false) => {
      const moved = see(recipient, seqs, { proof, since: isUndoable ? now() : null });
      note("mail.seen", recipient, moved, { proof });
      return moved.length;
    }),
    doubt: (recipient, seqs, until) => void doubt(recipient, seqs, { until }),
    keep: (recipient, seqs) => void keep(recipient, seqs, {}),
    requeue: tx((recipient: string, taken: readonly Taken[], why: string) => {
      marker.set(recipient);
      const moved = taken.flatMap(({ seq, state, attempts }) =>
        back(recipient, [seq], { state, attempts }),
      );
      note("mail.requeued", recipient, moved, { why });
      return moved.length;
    }),
    hold: tx((recipient: string, seqs: readonly number[], why, until) => {
      // Its session may have ended since the caller looked at it.
      const isOver = resting.get(recipient) !== null;
      const [reason, due] = isOver ? ["not_running", null] : [why, until];
      const fresh = db.prepare(
        `SELECT seq FROM deliveries WHERE recipient = ? AND state = 'queued'
           AND reason IS NOT ? AND seq IN (SELECT value FROM json_each(?))`,
      );
      const changed = fresh.pluck().all(recipient, reason, list(seqs)) as number[];
      holding(recipient, seqs, { reason, due });
      note("mail.held", recipient, changed, { reason });
    }),
    noticed: tx((recipient: string, seqs: readonly number[], due: number) => {
      const letters = counting(recipient, seqs, { due }).length;
      log("mail.noticed", { agent: recipient, data: { letters } });
    }),
    ack: tx((id: string, recipient: string) => {
      const acked = db
        .prepare(
          `UPDATE deliveries SET state = 'acked', acked_at = @now, seen_at = coalesce(seen_at, @now),
             proof = coalesce(proof, 'ack'), lease_until = NULL, reason = NULL
           WHERE recipient = @recipient AND state IN ('queued', 'leased', 'offered', 'seen')
             AND seq = (SELECT seq FROM messages WHERE id = @id)`,
        )
        .run({ id, recipient, now: now() });
      if (acked.changes > 0) log("mail.acked", { agent: recipient, message: id });
      return acked.changes > 0;
    }),
    unhold(recipient) {
      db.prepare(
        `UPDATE deliveries SET reason = NULL, next_try_at = NULL
         WHERE recipient = ? AND state = 'queued' AND reason IS NOT NULL`,
      ).run(recipient);
    },
    redirect: tx((from: string, to: string) => {
      const moved = db
        .prepare(
          `UPDATE OR IGNORE deliveries SET recipient = ?, reason = NULL, next_try_at = NULL
           WHERE recipient = ? AND state = 'queued' RETURNING seq`,
        )
        .pluck()
        .all(to, from) as number[];
      if (moved.length > 0) marker.set(to);
      note("mail.redirected", to, moved, { from });
      return moved.length;
    }),
    arouse: (recipient) =>
      db
        .prepare(
          `UPDATE deliveries SET wake = 1, next_try_at = NULL
           WHERE recipient = ? AND state = 'queued'`,
        )
        .run(recipient).changes,
    settle: tx((recipient: string, isWatched = false) => {
      const tests = isWatched ? [`state = 'queued' AND ${OPEN}`] : [OPEN, UNDOABLE];
      const isNeeded = tests.some((test) =>
        db.prepare(`SELECT 1 FROM deliveries WHERE recipient = ? AND ${test}`).get(recipient),
      );
      if (isNeeded) marker.set(recipient);
      else marker.clear(recipient);
    }),
  };
}
