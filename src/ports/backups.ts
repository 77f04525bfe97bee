import type { Backup } from "../domain/backup.ts";

/** The store's backups. */
export interface Backups {
  newest(): Backup | undefined;
  /** Throws where there is no room. */
  make(): Promise<Backup>;
  /** All but this one are removed. */
  keepOnly(backup: Backup): void;
}
