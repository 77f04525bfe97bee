import { DEFAULT_IMPORTANCE, type Note } from "../../domain/note.ts";
import type { NewNote, NoteStore } from "../../ports/notes.ts";
import type { Db } from "./database.ts";
import { atomic } from "./mail.ts";
import { searchNotes } from "./note-search.ts";
import { beginsWith } from "./rows.ts";

type Row = Record<string, unknown>;

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
    put: atomic(db)((note: NewNote) => add(note, note.isGone ? 1 : 0)),
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
    beginning: (kind, text, limit) =>
      db
        .prepare(
          `SELECT DISTINCT key FROM notes WHERE kind = @kind AND ${beginsWith("key")}
           ORDER BY key LIMIT @limit`,
        )
        .pluck()
        .all({ kind, text, limit }) as string[],
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
    find(query) {
      const one = db.prepare("SELECT * FROM notes WHERE seq = ?");
      return searchNotes(db, now(), query).map((seq) => toNote(one.get(seq) as Row));
    },
    together: (work) => atomic(db)(work)(),
  };
}
