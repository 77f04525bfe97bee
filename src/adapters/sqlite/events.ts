import type { Trail } from "../../domain/caller.ts";
import { LONGEST_MS } from "../../domain/clock.ts";
import { type Event, FORGETTABLE } from "../../domain/event.ts";
import type { EventFilter, EventStore } from "../../ports/event-store.ts";
import type { LeaseStore } from "../../ports/store.ts";
import type { Db } from "./database.ts";

export type Log = EventStore["add"];

const UNKNOWN = { caller: null, found: null };

/** `trail`: who asks; found out at the first event. */
export function eventStore(db: Db, now: () => number, trail?: () => Trail): EventStore {
  const insert = db.prepare(
    `INSERT INTO events (at, kind, agent, message, data, caller, found)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const json = (data: unknown) => (data === undefined ? null : JSON.stringify(data));
  return {
    add(kind, { agent, message, data }) {
      const { caller, found } = trail?.() ?? UNKNOWN;
      insert.run(now(), kind, agent ?? null, message ?? null, json(data), caller, found);
    },
    addSeldom(kind, { agent, data }, gapMs) {
      const { caller, found } = trail?.() ?? UNKNOWN;
      const last =
        "SELECT at FROM events WHERE agent IS @agent AND kind = @kind ORDER BY id DESC LIMIT 1";
      db.prepare(
        `INSERT INTO events (at, kind, agent, data, caller, found)
         SELECT @at, @kind, @agent, @data, @caller, @found
         WHERE abs(@at - coalesce((${last}), 0)) >= @gapMs`,
      ).run({ at: now(), kind, agent: agent ?? null, data: json(data), caller, found, gapMs });
    },
    find: (filter) => find(db, filter),
    forget(before, most) {
      const kinds = FORGETTABLE.map((kind) => `kind GLOB '${kind}.*'`).join(" OR ");
      const sql = `DELETE FROM events WHERE id IN
        (SELECT id FROM events WHERE at < ? AND (${kinds}) ORDER BY id LIMIT ?)`;
      return db.prepare(sql).run(before, most).changes;
    },
    lastOf: (agent, kinds) =>
      db
        .prepare(
          `SELECT * FROM events WHERE agent = ? AND kind IN (SELECT value FROM json_each(?))
           ORDER BY id DESC LIMIT 1`,
        )
        .get(agent, JSON.stringify(kinds)) as Event | undefined,
    last: () => db.prepare("SELECT coalesce(max(id), 0) FROM events").pluck().get() as number,
  };
}

function find(db: Db, filter: EventFilter): Event[] {
  const { agent, message, kind, since, after, before, limit } = filter;
  const tests = ["1"];
  if (agent !== undefined) {
    const mine = `message IN (SELECT m.id FROM deliveries d JOIN messages m USING (seq)
      WHERE d.recipient = @agent)`;
    tests.push(`(agent = @agent OR ${mine})`);
  }
  if (message !== undefined) tests.push("message = @message");
  if (kind !== undefined)
    tests.push("(kind = @kind OR substr(kind, 1, length(@kind) + 1) = @kind || '.')");
  if (since !== undefined) tests.push("at >= @since");
  if (before !== undefined) tests.push("id < @before");
  if (after !== undefined) tests.push("id > @after");
  const order = after === undefined ? "DESC" : "ASC";
  const sql = `SELECT * FROM events WHERE ${tests.join(" AND ")} ORDER BY id ${order} LIMIT @limit`;
  const nothing = {
    agent: null,
    message: null,
    kind: null,
    since: null,
    after: null,
    before: null,
  };
  const rows = db.prepare(sql).all({ ...nothing, ...filter, limit }) as Event[];
  return after === undefined ? rows.reverse() : rows;
}

/** One that would end later than any is given was taken before the clock was set back. */
const HOLDS = "(until > ? AND until <= ?)";

export function leaseStore(db: Db, now: () => number): LeaseStore {
  const holds = () => [now(), now() + LONGEST_MS];
  return {
    take: (name, owner, until) =>
      db
        .prepare(
          `INSERT INTO leases (name, owner, until) VALUES (?, ?, ?)
           ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
             WHERE owner = excluded.owner OR NOT ${HOLDS}`,
        )
        .run(name, owner, until, ...holds()).changes > 0,
    release(name, owner) {
      db.prepare("DELETE FROM leases WHERE name = ? AND owner = ?").run(name, owner);
    },
    holder: (name) =>
      db
        .prepare(`SELECT owner, until FROM leases WHERE name = ? AND ${HOLDS}`)
        .get(name, ...holds()) as { owner: string; until: number } | undefined,
  };
}
