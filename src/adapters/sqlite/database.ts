import { chmodSync, closeSync, existsSync, openSync } from "node:fs";
import { createRequire } from "node:module";
import Database from "better-sqlite3";
import { AppError } from "../../domain/errors.ts";
import { MIGRATIONS } from "./migrations.ts";

export type Db = Database.Database;

/**
 * Opens the project's database and brings it to the newest schema. The busy timeout is set
 * before WAL: the switch to WAL takes the write lock, and 20 processes may open a new file at
 * once. Throws `newer_database` for a file that a newer Overture wrote.
 */
export function openDatabase(path: string): Db {
  if (!existsSync(path)) createPrivate(path);
  const db = open(path);
  try {
    db.pragma("busy_timeout = 15000");
    const version = db.pragma("user_version", { simple: true }) as number;
    if (version !== MIGRATIONS.length) migrate(db, path);
    db.pragma("synchronous = NORMAL");
    db.pragma("foreign_keys = ON");
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

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

/** By the addon's own path: the search that better-sqlite3 makes for it fails in a bundle. */
function open(path: string, options: Database.Options = { timeout: 15_000 }): Db {
  try {
    const { resolve } = createRequire(import.meta.filename);
    const nativeBinding = resolve("better-sqlite3/build/Release/better_sqlite3.node");
    return new Database(path, { ...options, nativeBinding });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "MODULE_NOT_FOUND" && code !== "ERR_DLOPEN_FAILED") throw cause;
    const message = `better-sqlite3 is not built for this Node (${process.version})`;
    throw new AppError("refused", message, "npm rebuild better-sqlite3, or: scripts/setup", {
      cause,
    });
  }
}

/** Mail is private: the file exists with mode 0600 before anything is written to it. */
function createPrivate(path: string): void {
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
}

function migrate(db: Db, path: string): void {
  db.pragma("journal_mode = WAL");
  db.transaction(() => {
    const version = db.pragma("user_version", { simple: true }) as number;
    if (version > MIGRATIONS.length) {
      throw new AppError(
        "newer_database",
        `${path} was written by a newer Overture (schema ${version}, this one knows ${MIGRATIONS.length})`,
        "update Overture: npm install -g overture",
      );
    }
    for (let next = version; next < MIGRATIONS.length; next++) {
      db.pragma(`user_version = ${next + 1}`);
      db.exec(MIGRATIONS[next]!);
    }
  }).immediate();
}
