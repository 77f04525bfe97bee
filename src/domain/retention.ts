import * as z from "zod/mini";

const days = z.int().check(z.nonnegative());

/** What the store keeps and for how long; 0 days: for ever. */
export const RETENTION = { events: 180, dead: 0, logs: 10 };
export type Retention = typeof RETENTION;

export const retentionShape = z.strictObject({
  /** Days that events of messages and hooks are kept. */
  events: z._default(days, RETENTION.events),
  /** Days that dead messages are kept. */
  dead: z._default(days, RETENTION.dead),
  /** Megabytes of each log file. */
  logs: z._default(z.int().check(z.positive()), RETENTION.logs),
});

const sayDays = (count: number) => (count === 0 ? "for ever" : `${count} days`);

export const sayRetention = ({ events, dead, logs }: Retention): string =>
  `events of messages are kept ${sayDays(events)}, dead messages ${sayDays(dead)}, each log up to ${logs} MB`;
