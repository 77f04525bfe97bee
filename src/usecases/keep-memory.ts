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
import { CANDIDATES, meant } from "../domain/short-id.ts";
import { isoTime } from "../domain/time.ts";
import type { NoteStore } from "../ports/notes.ts";
import type { Store } from "../ports/store.ts";
import { checkpointTime } from "./save-checkpoint.ts";

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
  const gone = store.notes.forget("memory", wholeKey(store.notes, key), agent);
  if (!gone) throw unknownNote(store.notes, key);
  return gone;
}

/** All versions of a note, oldest first. Throws `not_found`. */
export function historyOf({ store }: MemoryTools, key: string): Note[] {
  const versions = store.notes.history("memory", wholeKey(store.notes, key));
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

export interface Rollback {
  /** One note; else all of them. */
  key?: string | undefined;
  /** `checkpoint` is the time at which that one was written. */
  target: Target | { checkpoint: string };
  agent: string;
  isTrial: boolean;
}

/**
 * Takes one note, or all, back to what they were, by new versions: the history stays whole.
 * Returns what differs; `isTrial` changes nothing. Throws `usage` for a version without a key,
 * `not_found` for a key, version or checkpoint that never was.
 */
export function rollback(tools: MemoryTools, input: Rollback): Change[] {
  const { key, agent, isTrial } = input;
  const { notes } = tools.store;
  const target =
    "checkpoint" in input.target
      ? { time: checkpointTime(tools.store, input.target.checkpoint) }
      : input.target;
  if (key === undefined && "version" in target) {
    throw new AppError("usage", "a version is one of a note", "ov rollback <key> --to <version>");
  }
  return notes.together(() => {
    const keys = key === undefined ? touched(notes, target) : [known(notes, key)];
    const changes = keys.map((one) => changeOf(tools, one, target)).filter(isChange);
    for (const { key: one, to } of isTrial ? [] : changes) {
      if (to) notes.put({ ...to, agent });
      else notes.forget("memory", one, agent);
    }
    return changes;
  });
}

const touched = (notes: NoteStore, target: Target) =>
  "time" in target ? notes.touched("memory", target.time) : [];

function known(notes: NoteStore, text: string): string {
  const key = wholeKey(notes, text);
  if (notes.version("memory", key, 1)) return key;
  throw unknownNote(notes, key);
}

/** The key that is meant by it or by how it begins. Throws `refused` where several begin so. */
function wholeKey(notes: NoteStore, text: string): string {
  if (notes.version("memory", checkKey(text), 1)) return text;
  return meant("note", text, notes.beginning("memory", text, CANDIDATES), String) ?? text;
}

function changeOf({ store: { notes }, now }: MemoryTools, key: string, target: Target): Change {
  const from = notes.get("memory", key);
  const hasExpired = (note: Note) => note.expiresAt !== null && note.expiresAt <= now();
  if ("time" in target) {
    const then = notes.at("memory", key, target.time);
    // What has expired since would be gone again at once.
    return { key, from, to: then && hasExpired(then) ? undefined : then };
  }
  const to = notes.version("memory", key, target.version);
  if (!to) {
    const hint = `every version: ov memory show ${key}`;
    throw new AppError("not_found", `${key} has no version ${target.version}`, hint);
  }
  if (!to.isGone && hasExpired(to)) {
    const when = isoTime(to.expiresAt ?? 0).slice(0, 16);
    const hint = `keep its text anew: ov memory show ${key}`;
    throw new AppError("refused", `version ${to.version} of ${key} expired at ${when}`, hint);
  }
  return { key, from, to: to.isGone ? undefined : to };
}

const same = (note: Note | undefined) =>
  note && JSON.stringify([note.body, note.tags, note.importance, note.expiresAt]);
const isChange = ({ from, to }: Change) => same(from) !== same(to);
