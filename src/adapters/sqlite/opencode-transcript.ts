import { existsSync } from "node:fs";
import { noteSecrets, replyHead } from "../../domain/reply-line.ts";
import type { Reader } from "../runtimes/reader.ts";
import { type Db, openReadOnly } from "./database.ts";

/**
 * OpenCode 1.18.33 stores a part before the model is called with it, and after each step what the
 * model said. So a needle counts only where the model has answered in a later message; ids ascend.
 * A prompt gets its id, waits for hooks, and is stored then: one that is queued as a call begins
 * may be older than the answer and not in the call. The call has the newest prompt that it read
 * as its answer's parent, and was read before the answer's message was stored. A failed call
 * leaves a message without what the model said.
 */
const GIVEN = `
  SELECT 1 FROM part p JOIN message own ON own.id = p.message_id
  WHERE p.session_id = :session AND instr(p.data, :needle) > 0 AND EXISTS (
    SELECT 1 FROM message m JOIN part q ON q.message_id = m.id
    WHERE m.session_id = p.session_id AND m.id > p.message_id
      AND json_extract(m.data, '$.role') = 'assistant'
      AND m.time_created > p.time_created
      AND (json_extract(own.data, '$.role') = 'assistant'
        OR json_extract(m.data, '$.parentID') >= own.id)
      AND json_extract(q.data, '$.type') IN ('text', 'reasoning', 'tool', 'step-finish'))
  LIMIT 1`;

const HELD = "SELECT 1 FROM part p WHERE p.session_id = :session AND instr(p.data, :needle) > 0";

/** A step's text is stored when it is complete. */
const LAST_WORDS = `
  SELECT json_extract(p.data, '$.text') FROM part p JOIN message m ON m.id = p.message_id
  WHERE p.session_id = ? AND json_extract(m.data, '$.role') = 'assistant'
    AND json_extract(p.data, '$.type') = 'text'
  ORDER BY p.id DESC LIMIT 1`;

/** Asks the database of `<database>#<session>`, where it is there. */
export function ask<T>(name: string, none: T, question: (db: Db, session: string) => T): T {
  const cut = name.lastIndexOf("#");
  const path = name.slice(0, cut);
  if (cut < 0 || !existsSync(path)) return none;
  const db = openReadOnly(path);
  try {
    return question(db, name.slice(cut + 1));
  } finally {
    db.close();
  }
}

const REPLIES = `
  SELECT p.data FROM part p WHERE p.session_id = ? AND instr(p.data, '${replyHead("")}') > 0`;

export const opencodeReader: Reader = {
  secrets: async (name) => {
    const found = new Map<string, Set<string>>();
    const parts = ask(name, [], (db, session) => db.prepare(REPLIES).pluck().all(session));
    for (const text of parts as string[]) noteSecrets(text, found);
    return found;
  },
  /** Needles are matched in JSON: none may hold a character it escapes. */
  has: async (name, needles) =>
    ask(name, new Set<string>(), (db, session) => {
      const given = db.prepare(GIVEN);
      return new Set(needles.filter((needle) => given.get({ session, needle }) !== undefined));
    }),
  holds: async (name, needle) =>
    ask(name, false, (db, session) => db.prepare(HELD).get({ session, needle }) !== undefined),
  dropped: async () => false,
  lastWords: async (name) =>
    ask(name, "", (db, session) => {
      const words = db.prepare(LAST_WORDS).pluck().get(session);
      return typeof words === "string" ? words : "";
    }),
  usage: async (name) => (await import("./opencode-usage.ts")).opencodeUsage(name),
};
