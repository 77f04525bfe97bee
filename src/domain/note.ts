import { parseDuration } from "./duration.ts";
import { AppError } from "./errors.ts";
import { cleanBody } from "./text.ts";

/** What a note is for; only `memory` is searched. */
export const NOTE_KINDS = ["memory", "checkpoint", "handoff", "state"] as const;
export type NoteKind = (typeof NOTE_KINDS)[number];

/** One version of a note. Versions are never changed; the newest one counts. */
export interface Note {
  seq: number;
  kind: NoteKind;
  key: string;
  /** From 1, by key. */
  version: number;
  /** Who wrote it. */
  agent: string;
  body: string;
  tags: string[];
  /** 1 (may be dropped) to 5 (must be known). */
  importance: number;
  /** Unix ms; it is not found any more after it. */
  expiresAt: number | null;
  /** True in a version that forgets the note. */
  isGone: boolean;
  createdAt: number;
}

export const DEFAULT_IMPORTANCE = 3;
const BODY_LIMIT = 64 * 1024;
const TAG_LIMIT = 16;
const KEY = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,62}$/u;
const TAG = /^[\p{L}\p{N}@][\p{L}\p{N}._:@-]{0,62}$/u;

export function checkKey(key: string, what = "note key"): string {
  if (KEY.test(key)) return key;
  const hint = "use 1-63 letters, digits, . - or _, beginning with a letter or digit";
  throw new AppError("usage", `${what} ${JSON.stringify(key)} is not valid`, hint);
}

/** Tags as they are stored: small letters, each once. */
export function checkTags(tags: readonly string[]): string[] {
  const clean = [...new Set(tags.map((tag) => tag.trim().toLowerCase()))];
  const bad = clean.find((tag) => !TAG.test(tag));
  if (bad !== undefined) {
    const hint = "use letters, digits and . - _ : @, at most 63, without spaces";
    throw new AppError("usage", `tag ${JSON.stringify(bad)} is not valid`, hint);
  }
  if (clean.length > TAG_LIMIT) throw new AppError("usage", `more than ${TAG_LIMIT} tags`);
  return clean;
}

export function checkImportance(value: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= 5) return value;
  throw new AppError("usage", `importance ${value} is not valid`, "write 1 (least) to 5 (most)");
}

/** A note's text without what a terminal would obey. Throws when nothing is left, or above 64 KB. */
export function checkNoteBody(text: string): string {
  const body = cleanBody(text).trim();
  if (body === "") throw new AppError("usage", "the note is empty", 'ov remember "…"');
  const bytes = new TextEncoder().encode(body).length;
  if (bytes > BODY_LIMIT) {
    throw new AppError("usage", `the note has ${bytes} bytes; 65536 are allowed`, "name a file");
  }
  return body;
}

/** Where a rollback goes: a version of one note, or a time (Unix ms). */
export type Target = { version: number } | { time: number };

/** `3` or `v3`, `2h` (that long ago), or a date as `2026-11-21T10:00`. */
export function parseTarget(text: string, now: number): Target {
  const version = /^v?(\d{1,9})$/.exec(text);
  if (version) return { version: Number(version[1]) };
  if (/^\d+(\.\d+)?(ms|s|m|h|d)$/.test(text)) return { time: now - parseDuration(text) };
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return { time };
  const hint = "write a version as 3, an age as 2h, or a date as 2026-11-21T10:00";
  throw new AppError("usage", `"${text}" is no version and no time`, hint);
}
