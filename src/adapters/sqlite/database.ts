import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { AppError } from "../../domain/errors.ts";
import { backUpAtOnce, backupsOf } from "./backups.ts";
import { MIGRATIONS } from "./migrations.ts";
import { BUSY_MS, type Db, open } from "./open.ts";

export type { Db };

const HOOK_BUSY_MS = 1_500;
const CACHE_KB = 2_000;

/**
 * Opens the project's database and brings it to the newest schema. The busy timeout is set
 * before WAL: the switch to WAL takes the write lock, and 20 processes may open a new file at
 * once. Throws `newer_database` for a file that a newer Overture wrote. A hook gives up sooner than
 * its runtime ends it, and makes no store: an empty one would hide that the other is lost. For the
 * same reason nobody makes one beside a backup, unless `anew`.
 */
export function openDatabase(path: string, { isHook = false, anew = false } = {}): Db {
  const mayBegin = () => !isHook && (anew || backupsOf(path).length === 0);
  if (isEmpty(path)) {
    if (!mayBegin()) throw gone(path);
    createPrivate(path);
  }
  try {
    return openToWrite(path, isHook ? HOOK_BUSY_MS : BUSY_MS, mayBegin);
  } catch (error) {
    const db = isOfTheDisk(error) ? openToRead(path) : undefined;
    if (db) return db;
    throw error;
  }
}

/** Nothing was ever stored in it, or all of it is gone. */
export const isEmpty = (path: string): boolean =>
  (statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0;

const gone = (path: string) =>
  new AppError("not_found", `there is no store at ${path}`, "ov doctor");

function openToWrite(path: string, timeout: number, mayBegin: () => boolean): Db {
  // It may have been removed a moment ago: SQLite would make it.
  const db = open(path, { timeout, fileMustExist: true });
  try {
    db.pragma(`busy_timeout = ${timeout}`);
    const version = db.pragma("user_version", { simple: true }) as number;
    if (version === 0 && !mayBegin()) throw gone(path);
    if (version !== MIGRATIONS.length) migrate(db, path);
    // A backup that somebody has put in the store's place has no log.
    else if (db.pragma("journal_mode", { simple: true }) !== "wal") db.pragma("journal_mode = WAL");
    // What was answered with "stored" outlives a power cut; macOS syncs to the disk only when asked.
    db.pragma("synchronous = FULL");
    if (process.platform === "darwin") db.pragma("fullfsync = ON");
    db.pragma("foreign_keys = ON");
    // 16 MB without it (better-sqlite3 13.2.0), which one look at all messages fills.
    db.pragma(`cache_size = -${CACHE_KB}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

export const isOfTheDisk = (error: unknown): boolean =>
  /^SQLITE_(FULL|IOERR|CANTOPEN|READONLY)/.test(String((error as { code?: unknown }).code));

/**
 * A store on a disk that takes no more, where SQLite cannot make the shared memory that it reads a
 * log (WAL) with: a copy in another place has its own, and a process that is alone needs none. A write into what
 * this returns throws SQLITE_READONLY. Undefined: it cannot be read either.
 */
function openToRead(path: string): Db | undefined {
  return unlessDisk(() => openCopy(path)) ?? unlessDisk(() => openAlone(path));
}

function unlessDisk(make: () => Db): Db | undefined {
  try {
    return make();
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (isOfTheDisk(error) || syscall || code === "SQLITE_BUSY") return undefined;
    throw error;
  }
}

function openAlone(path: string): Db {
  return readable(open(path, { timeout: 0 }), "locking_mode = EXCLUSIVE");
}

function openCopy(path: string): Db {
  const folder = mkdtempSync(join(tmpdir(), "ov-store-"));
  try {
    const copy = join(folder, "overture.db");
    for (const end of ["", "-wal"]) {
      if (existsSync(path + end)) copyFileSync(path + end, copy + end);
    }
    return readable(open(copy), "query_only = ON");
  } finally {
    // Its files stay open.
    rmSync(folder, { recursive: true, force: true });
  }
}

function readable(db: Db, how: string): Db {
  try {
    db.pragma(how);
    if (db.pragma("user_version", { simple: true }) !== MIGRATIONS.length) {
      throw new AppError("refused", "the store is of an older Overture, and cannot be migrated");
    }
    db.pragma("query_only = ON");
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Whether a newer Overture has changed the schema since it was opened. */
export const isNewer = (db: Db): boolean =>
  (db.pragma("user_version", { simple: true }) as number) > MIGRATIONS.length;

/** Another program's database: nothing is written to it, and nobody there waits for us. */
export function openReadOnly(path: string): Db {
  return open(path, { readonly: true, fileMustExist: true, timeout: 1_000 });
}

/** Of the SQLite that is loaded; throws where none can be. */
export function sqliteVersion(): string {
  const db = open(":memory:");
  try {
    return db.prepare("SELECT sqlite_version()").pluck().get() as string;
  } finally {
    db.close();
  }
}

/** Mail is private: the file exists with mode 0600 before anything is written to it. */
function createPrivate(path: string): void {
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
}

/**
 * The first call of a newer Overture keeps a copy of the store as it was, then changes it; all
 * others wait. Other processes may have the store open: an older Overture finds the new schema the
 * next time that it opens it.
 */
function migrate(db: Db, path: string): void {
  db.pragma("journal_mode = WAL");
  db.transaction(() => {
    const version = db.pragma("user_version", { simple: true }) as number;
    if (version > MIGRATIONS.length) throw newerDatabase(path, version);
    if (version > 0 && version < MIGRATIONS.length) copyBefore(path);
    for (let next = version; next < MIGRATIONS.length; next++) {
      db.pragma(`user_version = ${next + 1}`);
      db.exec(MIGRATIONS[next]!);
    }
  }).immediate();
}

function copyBefore(path: string): void {
  const reader = openReadOnly(path);
  try {
    backUpAtOnce(reader, path, Date.now());
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `this Overture changes the store's schema, and no copy could be made before: ${why}`;
    throw new AppError("refused", message, `make room in ${dirname(path)}, then try again`, {
      cause,
    });
  } finally {
    reader.close();
  }
}

/** What a call says to a store that it is too old for. */
export function newerDatabase(path: string, version: number): AppError {
  const message = `${path} was written by a newer Overture (schema ${version}, this one knows ${MIGRATIONS.length})`;
  const hint =
    "update Overture (ov --version --verbose says how), or go back: ov doctor --category store";
  return new AppError("newer_database", message, hint);
}
