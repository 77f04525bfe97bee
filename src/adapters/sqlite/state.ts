import { realpathSync } from "node:fs";
import { type Fact, isConflict, isDeleted } from "../../domain/fact.ts";
import { SYSTEM } from "../../domain/name.ts";
import type { Note } from "../../domain/note.ts";
import type { StateStore, Version } from "../../ports/state.ts";
import type { Marker } from "../../ports/store.ts";
import { randomBytes } from "../random.ts";
import { sha256 } from "../sha256.ts";
import { openDatabase } from "./database.ts";
import { eventStore } from "./events.ts";
import { atomic, poster } from "./mail.ts";
import { noteStore } from "./notes.ts";

const toVersion = ({ key, version, agent, body, createdAt }: Omit<Note, "kind">): Version => ({
  ...(JSON.parse(body) as Fact),
  key,
  version,
  agent,
  at: createdAt,
});

/** Facts in the project's store, by a connection of their own. The caller closes it. */
export function openState(
  path: string,
  { now, marker }: { now: () => number; marker: Marker },
): StateStore {
  const db = openDatabase(path);
  const notes = noteStore(db, now);
  const log = eventStore(db, now).add;
  const post = poster({ db, now, random: randomBytes, log, marker });
  const newest = db.prepare(
    `SELECT key, version, agent, body, created_at AS createdAt FROM notes
     WHERE kind = 'state' AND key = ? AND is_current = 1`,
  );
  const known = db.prepare("SELECT seen, wrote FROM state_knowledge WHERE key = ? AND agent = ?");
  const learn = db.prepare(
    `INSERT INTO state_knowledge (key, agent, seen, wrote) VALUES (?, ?, ?, ?)
     ON CONFLICT (key, agent) DO UPDATE SET seen = excluded.seen, wrote = excluded.wrote`,
  );
  return {
    origin: originOf(db.prepare("SELECT seed FROM origin").pluck().get() as string, path),
    together: (work) => atomic(db)(work)(),
    keys: () => notes.touched("state", 0),
    newest(key) {
      const row = newest.get(key) as Omit<Note, "kind"> | undefined;
      return row && toVersion(row);
    },
    versions: (key) => notes.history("state", key).map(toVersion),
    add(key, agent, fact) {
      const body = JSON.stringify(fact);
      const note = notes.put({ kind: "state", key, agent, body, isGone: isDeleted(fact) });
      const data = { key, version: note.version, ...(isConflict(fact) ? { conflict: true } : {}) };
      log("state.written", { agent, data });
      return toVersion(note);
    },
    knowledge(key, agent) {
      const row = known.get(key, agent) as { seen: string; wrote: string } | undefined;
      return row
        ? { seen: JSON.parse(row.seen), wrote: JSON.parse(row.wrote) }
        : { seen: {}, wrote: {} };
    },
    learn(key, agent, { seen, wrote }) {
      learn.run(key, agent, JSON.stringify(seen), JSON.stringify(wrote));
    },
    tell(recipients, subject, body) {
      const draft = { sender: SYSTEM, type: "status" as const, subject, body, payload: null };
      const address = recipients.join(",");
      post({ ...draft, address, priority: "normal", wake: false }, recipients);
    },
    close: () => db.close(),
  };
}

/** By its place too: a copied folder has the same seed, and counts its writes anew. */
const originOf = (seed: string, path: string) =>
  sha256(`${seed} ${realpathSync(path)}`).slice(0, 8);
