import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Backup, TIMES, toKeep } from "../../domain/backup.ts";
import { listIfThere } from "../files.ts";
import { besideGit } from "../git-folder.ts";
import { type Db, open } from "./open.ts";

const NAME = /^overture\.schema-(\d+)\.(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d\.\d{3}Z)\.db$/;
/** Pages that are copied before other work of this process goes on: 20 MB. */
const PAGES = 5_000;
/** Another process has written so often meanwhile that the rest is copied at once. */
const RESTARTS = 3;

/**
 * Where the backups of a store are: `overture/<project>/backup` below the repository's common git
 * folder, out of reach of `git clean` and of `rm -r .overture`; `<project>` is the way from the
 * repository to the project, so that it stays when both are moved.
 */
export function backupFolder(database: string): string {
  const root = dirname(dirname(database));
  return besideGit(root, "backup") ?? oldFolder(database);
}

/** Where there is no repository, or none that may be written to; the first versions used no other. */
const oldFolder = (database: string) => join(dirname(database), "backup");

/** The newest first. */
export function backupsOf(database: string): Backup[] {
  const folders = new Set([backupFolder(database), oldFolder(database)]);
  return [...folders].flatMap(backupsIn).toSorted((a, b) => b.at - a.at);
}

function backupsIn(folder: string): Backup[] {
  return listIfThere(folder).flatMap((name) => {
    const [, schema, day, hour, minute, second] = NAME.exec(name) ?? [];
    if (day === undefined) return [];
    const path = join(folder, name);
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    const at = Date.parse(`${day}T${hour}:${minute}:${second}`);
    return size === undefined ? [] : [{ path, schema: Number(schema), at, size }];
  });
}

const nameOf = (schema: number, at: number) =>
  `overture.schema-${schema}.${new Date(at).toISOString().replaceAll(":", "-")}.db`;

/**
 * Backs the store up while others write to it; `reader` is a connection to it of the caller's own.
 * Mode 0600, synced to the disk, whole or not at all. Throws SQLite's error where there is no room.
 */
export async function backUp(reader: Db, database: string, now: number): Promise<Backup> {
  const place = placeOf(reader, database, now);
  let left = Number.POSITIVE_INFINITY;
  let restarts = 0;
  try {
    await reader.backup(place.part, {
      progress: ({ remainingPages }) => {
        if (remainingPages > left) restarts++;
        left = remainingPages;
        return restarts < RESTARTS ? PAGES : Math.max(1, remainingPages);
      },
    });
    // A file of one piece: to look at one with a log, SQLite makes files beside it.
    journal(place.part, "DELETE");
    return finish(place, database, now);
  } finally {
    rmSync(place.part, { force: true });
  }
}

/**
 * As `backUp`, in one step: the caller's other connection holds the write lock meanwhile, so that
 * the backup is exactly what the next statement of the caller finds.
 */
export function backUpAtOnce(reader: Db, database: string, now: number): Backup {
  const place = placeOf(reader, database, now);
  try {
    reader.prepare("VACUUM INTO ?").run(place.part);
    return finish(place, database, now);
  } finally {
    rmSync(place.part, { force: true });
  }
}

interface Place {
  path: string;
  part: string;
  schema: number;
}

/** Makes an empty file, which is private before anything stands in it. */
function placeOf(reader: Db, database: string, now: number): Place {
  const schema = reader.pragma("user_version", { simple: true }) as number;
  const name = nameOf(schema, now);
  const inFolder = (folder: string) => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const part = join(folder, `.${name}.${process.pid}`);
    closeSync(openSync(part, "wx", 0o600));
    return { path: join(folder, name), part, schema };
  };
  try {
    return inFolder(backupFolder(database));
  } catch (error) {
    // A sandbox may keep an agent from the git folder, and another user's may not be written to.
    if (!/^(EACCES|EPERM|EROFS)$/.test(String((error as { code?: unknown }).code))) throw error;
    return inFolder(oldFolder(database));
  }
}

function finish({ path, part, schema }: Place, database: string, now: number): Backup {
  sync(part);
  renameSync(part, path);
  sync(dirname(path));
  const { size } = statSync(path);
  const all = backupsOf(database);
  const kept = new Set(toKeep(all, now, TIMES * size).map((backup) => backup.path));
  for (const old of all) if (!kept.has(old.path)) rmSync(old.path, { force: true });
  return { path, schema, at: now, size };
}

function journal(path: string, mode: "DELETE" | "WAL"): void {
  const db = open(path);
  db.pragma(`journal_mode = ${mode}`);
  db.close();
}

function sync(path: string): void {
  const file = openSync(path, "r");
  fsyncSync(file);
  closeSync(file);
}

/** Removes every other backup: what was purged from the store is in them. */
export function keepOnly({ path }: Backup, database: string): void {
  for (const old of backupsOf(database)) if (old.path !== path) rmSync(old.path, { force: true });
}

/**
 * Puts a backup in the place of the store; returns where that is now, undefined where there was
 * none. It is moved to `aside`, with its log: a log of another file would be played into the new
 * one. The caller made sure that no process works with it.
 */
export function putBack(backup: Backup, database: string, aside: string): string | undefined {
  const part = `${database}.${process.pid}.part`;
  try {
    copyFileSync(backup.path, part);
    journal(part, "WAL");
    sync(part);
    mkdirSync(dirname(aside), { recursive: true, mode: 0o700 });
    for (const end of ["-wal", "-shm", ""]) {
      if (existsSync(database + end)) renameSync(database + end, aside + end);
    }
    renameSync(part, database);
    sync(dirname(database));
  } finally {
    rmSync(part, { force: true });
  }
  return existsSync(aside) ? aside : undefined;
}

/** A name for a store that is put aside: of another schema, or broken. */
export const asideOf = (database: string, schema: number | undefined, now: number): string =>
  schema === undefined
    ? join(dirname(database), "broken", `${now}-${basename(database)}`)
    : join(backupFolder(database), nameOf(schema, now));
