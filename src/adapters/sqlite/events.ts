import type { EventRow, EventStore, LeaseStore } from "../../ports/store.ts";
import type { Db } from "./database.ts";

export type Log = EventStore["add"];

export function eventStore(db: Db, now: () => number): EventStore {
  const insert = db.prepare(
    "INSERT INTO events (at, kind, agent, message, data) VALUES (?, ?, ?, ?, ?)",
  );
  return {
    add(kind, about) {
      const data = about.data === undefined ? null : JSON.stringify(about.data);
      insert.run(now(), kind, about.agent ?? null, about.message ?? null, data);
    },
    after: (id, limit) =>
      db
        .prepare("SELECT * FROM events WHERE id > ? ORDER BY id LIMIT ?")
        .all(id, limit) as EventRow[],
    lastOf: (agent, kinds) =>
      db
        .prepare(
          `SELECT * FROM events WHERE agent = ? AND kind IN (SELECT value FROM json_each(?))
           ORDER BY id DESC LIMIT 1`,
        )
        .get(agent, JSON.stringify(kinds)) as EventRow | undefined,
    last: () => db.prepare("SELECT coalesce(max(id), 0) FROM events").pluck().get() as number,
  };
}

export function leaseStore(db: Db, now: () => number): LeaseStore {
  return {
    take: (name, owner, until) =>
      db
        .prepare(
          `INSERT INTO leases (name, owner, until) VALUES (?, ?, ?)
           ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
             WHERE owner = excluded.owner OR until <= ?`,
        )
        .run(name, owner, until, now()).changes > 0,
    release(name, owner) {
      db.prepare("DELETE FROM leases WHERE name = ? AND owner = ?").run(name, owner);
    },
    holder: (name) =>
      db.prepare("SELECT owner, until FROM leases WHERE name = ? AND until > ?").get(name, now()) as
        | { owner: string; until: number }
        | undefined,
  };
}
