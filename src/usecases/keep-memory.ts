import { AppError, unknownWord } from "../domain/errors.ts";
import {
  checkImportance,
  checkKey,
  checkNoteBody,
  checkTags,
  DEFAULT_IMPORTANCE,
  type Note,
  type Target,
} from "../domain/note.ts";
import type { NoteStore } from "../ports/notes.ts";
import type { Store } from "../ports/store.ts";

export interface MemoryTools {
  store: Store;
  now: () => number;
  newId: (prefix: string) => string;
}

export interface Remembering {
  /** An own key for a fact that will change; else the note gets one of its own. */
  key?: string | undefined;
  text: string;
  tags?: readonly string[] | undefined;
  /** 1 to 5; default 3. */
  importance?: number | undefined;
  /** How long it counts, in ms. */
  expires?: number | undefined;
  agent: string;
}

/** Keeps a text, or the next version of it. Throws `usage` for what is no key, tag or text. */
export function remember({ store, now, newId }: MemoryTools, input: Remembering): Note {
  const { key, text, tags, importance, expires, agent } = input;
  return store.notes.put({
    kind: "memory",
    key: key === undefined ? newId("note") : checkKey(key),
    agent,
    body: checkNoteBody(text),
    tags: checkTags(tags ?? []),
    importance: checkImportance(importance ?? DEFAULT_IMPORTANCE),
    expiresAt: expires === undefined ? null : now() + expires,
  });
}

/** Its newest version is that it is gone; older ones stay. Throws `not_found`. */
export function forget({ store }: MemoryTools, key: string, agent: string): Note {
  const gone = store.notes.forget("memory", checkKey(key), agent);
  if (!gone) throw unknownNote(store.notes, key);
  return gone;
}

/** All versions of a note, oldest first. Throws `not_found`. */
export function historyOf({ store }: MemoryTools, key: string): Note[] {
  const versions = store.notes.history("memory", checkKey(key));
  if (versions.length === 0) throw unknownNote(store.notes, key);
  return versions;
}

const unknownNote = (notes: NoteStore, key: string) =>
  unknownWord(
    "note",
    key,
    notes.find({ limit: 50 }).map((note) => note.key),
  );

/** What a rollback does to one note: `undefined` is a note that is not there. */
export interface Change {
  key: string;
  from: Note | undefined;
  to: Note | undefined;
}

/**
 * Takes one note, or all, back to what they were, by new versions: the history stays whole.
 * Returns what differs; `isTrial` changes nothing. Throws `usage` for a version without a key.
 */
export function rollback(
  { store: { notes } }: MemoryTools,
  input: { key?: string | undefined; target: Target; agent: string; isTrial: boolean },
): Change[] {
  const { key, target, agent, isTrial } = input;
  if (key === undefined && "version" in target) {
    throw new AppError("usage", "a version is one of a note", "ov rollback <key> --to <version>");
  }
  return notes.together(() => {
    const keys = key === undefined ? notes.keys("memory") : [checkKey(key)];
    const changes = keys.map((one) => changeOf(notes, one, target)).filter(isChange);
    for (const { key: one, to } of isTrial ? [] : changes) {
      if (to) notes.put({ ...to, agent });
      else notes.forget("memory", one, agent);
    }
    return changes;
  });
}

function changeOf(notes: NoteStore, key: string, target: Target): Change {
  const versions = notes.history("memory", key);
  if (versions.length === 0) throw unknownNote(notes, key);
  const from = notes.get("memory", key);
  if ("time" in target) return { key, from, to: notes.at("memory", key, target.time) };
  const to = versions.find(({ version }) => version === target.version);
  if (!to) {
    const hint = `it has 1 to ${versions.length}: ov memory show ${key}`;
    throw new AppError("not_found", `${key} has no version ${target.version}`, hint);
  }
  return { key, from, to: to.isGone ? undefined : to };
}

const same = (note: Note | undefined) =>
  note && JSON.stringify([note.body, note.tags, note.importance, note.expiresAt]);
const isChange = ({ from, to }: Change) => same(from) !== same(to);
