/** A copy of the store in a file of its own. */
export interface Backup {
  path: string;
  /** The version of its schema. */
  schema: number;
  /** When it was made (Unix ms). */
  at: number;
  /** In bytes. */
  size: number;
}

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const LAST = 3;
const DAYS = 7;

/** A change is in a backup so soon (ms), where a carrier is at work. */
export const BACKUP_MS = 5 * 60_000;
/** Where none is, the first call that writes so long (ms) after the last backup makes one. */
export const UNCARRIED_MS = HOUR_MS;
/** All backups together are at most so many times as large as the store. */
export const TIMES = 5;

/**
 * Which backups stay: the last three, the last of each hour of a day, of each day of a week and of
 * each schema; of these the newest that fit into `most` bytes, and always the newest of all.
 */
export function toKeep(backups: readonly Backup[], now: number, most: number): Backup[] {
  const newest = backups.toSorted((a, b) => b.at - a.at);
  const spans = new Set<string>();
  const isFirstOf = (span: string) => !spans.has(span) && spans.add(span) !== undefined;
  const chosen = newest.filter(({ at, schema }, index) => {
    const age = now - at;
    const isOfHour = isFirstOf(`hour ${Math.floor(at / HOUR_MS)}`) && age < DAY_MS;
    const isOfDay = isFirstOf(`day ${Math.floor(at / DAY_MS)}`) && age < DAYS * DAY_MS;
    return isFirstOf(`schema ${schema}`) || index < LAST || isOfHour || isOfDay;
  });
  let sum = 0;
  return chosen.filter(({ size }, index) => {
    sum += size;
    return index === 0 || sum <= most;
  });
}
