import { chmodSync, closeSync, existsSync, openSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
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

interface Binding {
  /** The addon of this platform: one that was compiled on purpose, else the one in the package. */
  getBinding(): object;
}

/** The addon is found beside its package: looked for from a bundle, it would not be found. */
function open(path: string, options: Database.Options = { timeout: 15_000 }): Db {
  const require = createRequire(import.meta.filename);
  let folder: string | undefined;
  try {
    // By its path: the package does not export it by name.
    folder = dirname(require.resolve("better-sqlite3/package.json"));
    const { getBinding } = require(join(folder, "lib", "binding.js")) as Binding;
    return new Database(path, { ...options, nativeBinding: getBinding() as unknown as string });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "MODULE_NOT_FOUND" && code !== "ERR_DLOPEN_FAILED") throw cause;
    throw noBinding(folder, cause);
  }
}

/** Its package has programs for Linux (glibc 2.34 or newer, musl) and macOS, on x64 and arm64. */
function noBinding(folder: string | undefined, cause: unknown): AppError {
  if (folder === undefined) {
    const hint = "install Overture again: ov --version --verbose says how";
    return new AppError("refused", "the package better-sqlite3 is missing", hint, { cause });
  }
  const { version, platform, arch } = process;
  const message = `better-sqlite3 has no binary that runs here (Node ${version}, ${platform} ${arch})`;
  const hint = `with python3, make and a C++ compiler: cd '${folder}' && npx node-gyp rebuild --release`;
  return new AppError("refused", message, hint, { cause });
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
        "update Overture: ov --version --verbose says how",
      );
    }
    for (let next = version; next < MIGRATIONS.length; next++) {
      db.pragma(`user_version = ${next + 1}`);
      db.exec(MIGRATIONS[next]!);
    }
  }).immediate();
}
