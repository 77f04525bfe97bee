import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { AppError } from "../../domain/errors.ts";
import type { Restorable, StoreBefore, StoreReport } from "../../ports/doctor.ts";
import { isAlive } from "../alive.ts";
import { troubleOf } from "../trouble.ts";
import { asideOf, backupsOf, putBack } from "./backups.ts";
import { type Db, openReadOnly } from "./database.ts";
import { MIGRATIONS } from "./migrations.ts";

/** What is wrong is told in so many lines. */
const TOLD = 5;

/** Looks at a store without writing to it: not even the migration of an older one. */
export function inspectStore(path: string): StoreReport {
  const report = { detail: "", version: 0, known: MIGRATIONS.length, references: [] };
  const restorable = () => newestGood(path);
  if (!existsSync(path)) return { ...report, state: "missing", restorable };
  if (statSync(path).size === 0) {
    return { ...report, state: "empty", detail: "0 bytes", restorable };
  }
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    return { ...report, ...unreadable(path, error as Error) };
  }
  try {
    const db = openReadOnly(path);
    try {
      const seen = look(db);
      const older = seen.state === "newer" ? before(path, db) : undefined;
      const ahead = seen.state === "ok" && isBehind(path, db) ? newestGood(path) : undefined;
      return { ...report, ...seen, before: older, ahead, restorable };
    } finally {
      db.close();
    }
  } catch (error) {
    // A program that cannot load SQLite knows nothing of the file.
    if (error instanceof AppError) throw error;
    const { code = "", message } = error as Error & { code?: string };
    // Only what SQLite has read and found wrong is broken; all else may be well behind it.
    const isBroken = /^SQLITE_(CORRUPT|NOTADB)/.test(code);
    if (!isBroken) return { ...report, ...unreadable(path, error as Error) };
    return { ...report, state: "broken", detail: `${message} (${code})`, restorable };
  }
}

/** The file may be well: it is the disk, or its rights, that keep SQLite from it. */
function unreadable(path: string, error: Error): Pick<StoreReport, "state" | "detail" | "fix"> {
  const trouble = troubleOf(error, dirname(path));
  return { state: "unreadable", detail: (trouble ?? error).message, fix: trouble?.hint };
}

function look(db: Db): Omit<StoreReport, "known" | "before"> {
  const version = db.pragma("user_version", { simple: true }) as number;
  const lines = db.pragma(`integrity_check(${TOLD})`) as { integrity_check: string }[];
  const wrong = lines.map((line) => line.integrity_check).filter((line) => line !== "ok");
  const rows = wrong.length > 0 ? [] : (db.pragma("foreign_key_check") as Reference[]);
  const references = rows.slice(0, TOLD).map(({ table, parent }) => `${table} refers to ${parent}`);
  const detail = wrong.join("; ");
  if (wrong.length > 0) return { state: "broken", detail, version, references };
  // Somebody was kept from making one in its place.
  if (version === 0) return { state: "empty", detail: "no table", version, references };
  const state = version > MIGRATIONS.length ? "newer" : "ok";
  return { state, detail, version, references };
}

/** The newest copy that this Overture can open, and what was stored since. */
function before(path: string, newer: Db): StoreBefore | undefined {
  const copy = newestGood(path);
  if (!copy) return undefined;
  const held = newer.prepare("SELECT owner FROM leases").pluck().all() as string[];
  const owners = held.filter((owner) => isAlive(Number.parseInt(owner, 10)));
  return { ...copy, lacks: messagesIn(newer) - copy.messages, owners };
}

const messagesIn = (db: Db) => db.prepare("SELECT count(*) FROM messages").pluck().get() as number;

/** The newest backup that is whole and that this Overture can open. */
export function newestGood(database: string): Restorable | undefined {
  for (const backup of backupsOf(database)) {
    if (backup.schema > MIGRATIONS.length) continue;
    const messages = countIn(backup.path);
    if (messages !== undefined) return { ...backup, messages };
  }
  return undefined;
}

/** Undefined for a file that is not whole. */
const countIn = (path: string): number | undefined =>
  inBackup(path, (db) => (look(db).state === "broken" ? undefined : messagesIn(db)));

function inBackup<T>(path: string, ask: (db: Db) => T): T | undefined {
  try {
    const db = openReadOnly(path);
    try {
      return ask(db);
    } finally {
      db.close();
    }
  } catch (error) {
    if (/^SQLITE_/.test(String((error as { code?: unknown }).code))) return undefined;
    throw error;
  }
}

interface Span {
  first: number | null;
  last: number | null;
}

/** When the store began, and the number of its newest event. One that was begun anew began later. */
const spanOf = (db: Db) =>
  db
    .prepare(
      "SELECT (SELECT at FROM events ORDER BY id LIMIT 1) AS first, max(id) AS last FROM events",
    )
    .get() as Span;

/** Whether an older copy of this very store stands in its place: its own backup knows more. */
export function isBehind(path: string, db: Db): boolean {
  const newest = backupsOf(path).find(({ schema }) => schema === MIGRATIONS.length);
  const backup = newest && inBackup(newest.path, spanOf);
  const { first, last } = spanOf(db);
  return backup?.first === first && first !== null && (backup.last ?? 0) > (last ?? 0);
}

/**
 * Puts the newest good backup in the place of a store that is lost or broken; what is there is put
 * aside. Returns the backup, and where the old store is now, if there was one.
 */
export function restore(path: string, now: number): { backup: Restorable; aside?: string } {
  const backup = newestGood(path);
  if (!backup) throw new AppError("not_found", "there is no backup of the store");
  const aside = putBack(backup, path, asideOf(path, undefined, now));
  return aside === undefined ? { backup } : { backup, aside };
}

/** Puts the copy in the store's place; returns where the newer store is now. */
export function goBack(path: string): string {
  const { version, before: copy } = inspectStore(path);
  if (!copy) throw new AppError("not_found", "there is no copy of the store that this ov can open");
  return putBack(copy, path, asideOf(path, version, Date.now())) ?? path;
}

interface Reference {
  table: string;
  parent: string;
}
