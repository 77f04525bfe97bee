import { DEFAULT_IMPORTANCE, type Note } from "../../domain/note.ts";
import type { NewNote, NoteQuery, NoteStore } from "../../ports/notes.ts";
import type { Db } from "./database.ts";
import { atomic } from "./mail.ts";

type Row = Record<string, unknown>;

/** The newest matches that are ranked: with a word that is everywhere, more would cost time only. */
const RANKED = 500;

const toNote = (row: Row): Note => ({
  seq: row.seq as number,
  kind: row.kind as Note["kind"],
  key: row.key as string,
  version: row.version as number,
  agent: row.agent as string,
  body: row.body as string,
  tags: JSON.parse(row.tags as string),
  importance: row.importance as number,
  expiresAt: row.expires_at as number | null,
  isGone: row.is_gone === 1,
  createdAt: row.created_at as number,
});

/** Words as FTS5 takes them; its operators in them mean nothing. */
function words(text: string, join: " " | " OR "): string {
  const found = text.match(/[\p{L}\p{N}_]+/gu) ?? [];
  return found.map((word) => `"${word}"${word.length > 2 ? "*" : ""}`).join(join);
}

export function noteStore(db: Db, now: () => number): NoteStore {
  const newest = db.prepare(
    "SELECT * FROM notes WHERE kind = @kind AND key = @key AND is_current = 1",
  );
  const retire = db.prepare("UPDATE notes SET is_current = 0 WHERE seq = ?");
  const insert = db.prepare(
    `INSERT INTO notes (kind, key, version, agent, body, tags, importance, expires_at, is_gone, created_at)
     VALUES (@kind, @key, @version, @agent, @body, @tags, @importance, @expiresAt, @gone, @at)
     RETURNING *`,
  );
  const current = (kind: string, key: string) => newest.get({ kind, key }) as Row | undefined;
  const isOpen = (note: Note) =>
    !note.isGone && (note.expiresAt === null || note.expiresAt > now());

  const add = (note: NewNote, gone: 0 | 1): Note => {
    const before = current(note.kind, note.key);
    if (before) retire.run(before.seq);
    const row = insert.get({
      kind: note.kind,
      key: note.key,
      version: ((before?.version as number | undefined) ?? 0) + 1,
      agent: note.agent,
      body: note.body,
      tags: JSON.stringify(note.tags ?? []),
      importance: note.importance ?? DEFAULT_IMPORTANCE,
      expiresAt: note.expiresAt ?? null,
      gone,
      at: now(),
    });
    return toNote(row as Row);
  };

  return {
    put: atomic(db)((note: NewNote) => add(note, 0)),
    forget: atomic(db)((kind: Note["kind"], key: string, agent: string) => {
      const row = current(kind, key);
      const note = row && toNote(row);
      return note && isOpen(note) ? add({ ...note, agent }, 1) : undefined;
    }),
    get(kind, key) {
      const row = current(kind, key);
      const note = row && toNote(row);
      return note && isOpen(note) ? note : undefined;
    },
    history: (kind, key) =>
      (
        db
          .prepare("SELECT * FROM notes WHERE kind = ? AND key = ? ORDER BY version")
          .all(kind, key) as Row[]
      ).map(toNote),
    at(kind, key, time) {
      const row = db
        .prepare(
          `SELECT * FROM notes WHERE kind = ? AND key = ? AND created_at <= ?
           ORDER BY version DESC LIMIT 1`,
        )
        .get(kind, key, time) as Row | undefined;
      const note = row && toNote(row);
      const isOver = note?.expiresAt != null && note.expiresAt <= time;
      return note && !note.isGone && !isOver ? note : undefined;
    },
    version(kind, key, version) {
      const row = db
        .prepare("SELECT * FROM notes WHERE kind = ? AND key = ? AND version = ?")
        .get(kind, key, version) as Row | undefined;
      return row && toNote(row);
    },
    touched: (kind, since) =>
      db
        .prepare("SELECT DISTINCT key FROM notes WHERE kind = ? AND created_at > ? ORDER BY key")
        .pluck()
        .all(kind, since) as string[],
    find: (query) => find(db, now(), query),
    together: (work) => atomic(db)(work)(),
  };
}

function find(db: Db, at: number, query: NoteQuery): Note[] {
  const tests = ["n.kind = 'memory'", "n.is_current = 1", "n.is_gone = 0"];
  tests.push("(n.expires_at IS NULL OR n.expires_at > @at)");
  if (query.agent !== undefined) tests.push("n.agent = @agent");
  const tags = query.tags ?? [];
  for (const [i] of tags.entries()) {
    tests.push(`n.seq IN (SELECT seq FROM note_tags WHERE tag = @tag${i})`);
  }
  const values = {
    at,
    agent: query.agent ?? null,
    limit: query.limit,
    ...Object.fromEntries(tags.map((tag, i) => [`tag${i}`, tag])),
  };
  const where = tests.join(" AND ");
  const text = query.text?.trim() ?? "";
  if (text === "") {
    const from = tags.length > 0 ? "note_tags t CROSS JOIN notes n USING (seq)" : "notes n";
    const tagged = tags.length > 0 ? "t.tag = @tag0 AND" : "";
    const sql = `SELECT n.* FROM ${from} WHERE ${tagged} ${where} ORDER BY seq DESC LIMIT @limit`;
    return (db.prepare(sql).all(values) as Row[]).map(toNote);
  }
  // A key counts most. bm25 is below zero, the best one lowest; importance stretches it.
  const ranked = db.prepare(
    `SELECT n.* FROM (
       SELECT rowid AS seq, bm25(notes_fts, 8.0, 4.0, 1.0) AS score FROM notes_fts
       WHERE notes_fts MATCH @match ORDER BY rowid DESC LIMIT ${RANKED}
     ) f CROSS JOIN notes n USING (seq) WHERE ${where}
     ORDER BY f.score * (0.7 + 0.1 * n.importance), seq DESC LIMIT @limit`,
  );
  const found = new Map<number, Note>();
  for (const join of [" ", " OR "] as const) {
    const match = words(text, join);
    if (match === "" || found.size >= query.limit) break;
    for (const row of ranked.all({ ...values, match }) as Row[]) {
      const note = toNote(row);
      if (found.size < query.limit && !found.has(note.seq)) found.set(note.seq, note);
    }
  }
  return [...found.values()];
}
