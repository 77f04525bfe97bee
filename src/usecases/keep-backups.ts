import { BACKUP_MS, type Backup } from "../domain/backup.ts";
import { elapsed } from "../domain/clock.ts";
import type { Backups } from "../ports/backups.ts";
import type { Store } from "../ports/store.ts";

export interface BackupTools {
  store: Store;
  now: () => number;
  backups: Backups;
}

/** The looks of a carrier come so often (ms). */
const LOOK_MS = 20_000;

/** Backs the store up once it has changed, at most five minutes later; one backup at a time. */
export interface BackupDuty {
  /** Begins one where it is due, and does not wait for it. */
  look(): void;
  /** Resolves when none is being made. */
  rest(): Promise<void>;
}

/** A failure is an event, once until one succeeds again. */
export function backupDuty({ store, now, backups }: BackupTools): BackupDuty {
  let kept: number | undefined;
  let making: Promise<void> | undefined;
  let hasFailed = false;
  const make = async (): Promise<void> => {
    const last = store.events.last();
    try {
      await backups.make();
      kept = last;
      hasFailed = false;
    } catch (error) {
      if (!hasFailed) {
        store.events.add("backup.failed", { data: { cause: (error as Error).message } });
      }
      hasFailed = true;
    }
  };
  return {
    look() {
      if (making || store.events.last() === kept || !isDue(backups.newest(), now())) return;
      making = make().finally(() => {
        making = undefined;
      });
    },
    rest: async () => making,
  };
}

const isDue = (newest: Backup | undefined, now: number): boolean =>
  newest === undefined || elapsed(newest.at, now) >= BACKUP_MS - LOOK_MS;
