import type { Note, NoteKind } from "../domain/note.ts";

export type NewNote = Pick<Note, "kind" | "key" | "agent" | "body"> &
  Partial<Pick<Note, "tags" | "importance" | "expiresAt" | "isGone">>;

export interface NoteQuery {
  /** Words of any language; none: the newest first. */
  text?: string;
  /** All of these. */
  tags?: readonly string[];
  /** Who wrote it. */
  agent?: string;
  limit: number;
}

/** Versioned notes. A write adds a version; nothing is ever changed or removed. */
export interface NoteStore {
  put(note: NewNote): Note;
  /** A version that forgets it; undefined when there is nothing to forget. */
  forget(kind: NoteKind, key: string, agent: string): Note | undefined;
  /** The newest version that is neither forgotten nor expired. */
  get(kind: NoteKind, key: string): Note | undefined;
  /** Keys that begin so, also of forgotten notes; none for an empty text. */
  beginning(kind: NoteKind, key: string, limit: number): string[];
  /** All versions, oldest first. */
  history(kind: NoteKind, key: string): Note[];
  /** As of that time (Unix ms); undefined when it did not exist or was forgotten. */
  at(kind: NoteKind, key: string, time: number): Note | undefined;
  /** That one, also where it forgets the note. */
  version(kind: NoteKind, key: string, version: number): Note | undefined;
  /** Keys that got a version after that time (Unix ms), also of forgotten notes. */
  touched(kind: NoteKind, since: number): string[];
  /** Notes of memory: those with all words first, then those with some, by rank and importance. */
  find(query: NoteQuery): Note[];
  /** Runs all writes in it as one transaction. */
  together<T>(work: () => T): T;
}
