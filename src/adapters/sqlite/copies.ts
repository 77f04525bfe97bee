import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { listIfThere } from "../files.ts";
import type { Db } from "./database.ts";

/** A copy of the store as it was before a newer Overture changed its schema. */
export interface StoreCopy {
  path: string;
  /** The version of its schema. */
  schema: number;
  /** When it was made, as in its name: `2026-11-27T02-40-00.000Z`. */
  at: string;
}

const NAME = /^overture\.schema-(\d+)\.(.+)\.db$/;
const KEPT = 3;

const folderOf = (database: string) => join(dirname(database), "backup");

/** The newest first. */
export function copiesOf(database: string): StoreCopy[] {
  const folder = folderOf(database);
  return listIfThere(folder)
    .flatMap((name) => {
      const [, schema, at] = NAME.exec(name) ?? [];
      return at ? [{ path: join(folder, name), schema: Number(schema), at }] : [];
    })
    .toSorted((a, b) => (a.at < b.at ? 1 : -1));
}

/**
 * Copies the store into `<its folder>/backup`, mode 0600, synced to disk, and keeps the last three
 * copies. `reader` is a second connection to it: the caller's own holds the write lock meanwhile, so
 * that the copy is exactly what the next statement of the caller finds. Throws SQLite's error where
 * there is no room.
 */
export function keepCopy(reader: Db, database: string, schema: number): StoreCopy {
  const folder = folderOf(database);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const at = new Date().toISOString().replaceAll(":", "-");
  const path = join(folder, `overture.schema-${schema}.${at}.db`);
  const part = join(folder, `.${basename(path)}.${process.pid}`);
  try {
    // SQLite writes into an empty file, which is private before anything stands in it.
    closeSync(openSync(part, "wx", 0o600));
    reader.prepare("VACUUM INTO ?").run(part);
    const file = openSync(part, "r+");
    fsyncSync(file);
    closeSync(file);
    renameSync(part, path);
  } finally {
    rmSync(part, { force: true });
  }
  for (const old of copiesOf(database).slice(KEPT)) rmSync(old.path);
  return { path, schema, at };
}

/**
 * Puts a copy in the place of the store, which is moved beside it; returns where the store is now.
 * The caller made sure that no process has it open.
 */
export function putBack(copy: StoreCopy, database: string, schema: number): string {
  const aside = join(
    folderOf(database),
    `overture.schema-${schema}.${new Date().toISOString().replaceAll(":", "-")}.db`,
  );
  for (const end of ["-wal", "-shm"]) {
    if (existsSync(database + end)) renameSync(database + end, aside + end);
  }
  renameSync(database, aside);
  renameSync(copy.path, database);
  return aside;
}
