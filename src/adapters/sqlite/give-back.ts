import { type Db, isOfTheDisk } from "./database.ts";

/** A reader that is quick is waited for. */
const WAIT_MS = 2_000;

/**
 * Gives the disk back that deleted rows took, so that nothing can be read of them any more: words of
 * the search index, free pages, the log. False: a reader, another writer or a full disk is in the
 * way, and their text stays in the files until the next call.
 */
export function giveBack(db: Db): boolean {
  const timeout = db.pragma("busy_timeout", { simple: true });
  db.pragma(`busy_timeout = ${WAIT_MS}`);
  try {
    db.exec("INSERT INTO messages_fts (messages_fts) VALUES ('optimize')");
    db.exec("VACUUM");
    const [log] = db.pragma("wal_checkpoint(TRUNCATE)") as { busy: number }[];
    return log?.busy === 0;
  } catch (error) {
    if ((error as { code?: string }).code === "SQLITE_BUSY" || isOfTheDisk(error)) return false;
    throw error;
  } finally {
    db.pragma(`busy_timeout = ${timeout}`);
  }
}
