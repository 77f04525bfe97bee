import { elapsed } from "../domain/clock.ts";
import type { Retention } from "../domain/retention.ts";
import type { Store } from "../ports/store.ts";

export interface RetentionTools {
  store: Store;
  now: () => number;
  retention: Retention;
  /** Cuts each log file down to its newest end where it is larger (bytes). */
  shortenLogs: (bytes: number) => void;
}

const DAY_MS = 86_400_000;
const MB = 1_000_000;
/** At once; others write between. */
const PART = 2_000;

/** Once a day the carrier forgets what is older than the settings say, a part at each look. */
export function retentionDuty({ store, now, retention, shortenLogs }: RetentionTools): {
  look: () => void;
} {
  const { events, dead, logs } = retention;
  let done: number | undefined;
  const before = (days: number) => now() - days * DAY_MS;
  return {
    look() {
      if (done !== undefined && elapsed(done, now()) < DAY_MS) return;
      if (events > 0 && store.events.forget(before(events), PART) === PART) return;
      if (dead > 0) store.mail.purge({ before: before(dead), dead: true });
      shortenLogs(logs * MB);
      done = now();
    },
  };
}
