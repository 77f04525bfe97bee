import { AHEAD_MS } from "../../domain/clock.ts";
import { AppError } from "../../domain/errors.ts";
import type { Limits } from "../../ports/store.ts";
import type { MailTools } from "./mail.ts";

const MINUTE_MS = 60_000;
const PAIR_MS = 10 * MINUTE_MS;

/**
 * Throws `rate_limited` for a letter of this agent's process that would pass a limit; called inside
 * its transaction. Those of people, scripts and Overture have none.
 */
export function checkLimits(
  tools: Pick<MailTools, "db" | "now">,
  agent: string,
  recipients: readonly string[],
  { perMinute, perPair }: Limits,
): void {
  if (isPerson(tools, agent)) return;
  if (perMinute > 0) checkAgent(tools, agent, perMinute);
  if (perPair === 0) return;
  for (const recipient of recipients) {
    if (!isPerson(tools, recipient)) checkPair(tools, agent, recipient, perPair);
  }
}

const isPerson = ({ db }: Pick<MailTools, "db">, name: string) =>
  db.prepare("SELECT 1 FROM agents WHERE name = ? AND kind = 'human'").get(name) !== undefined;

/** Seconds until the window holds one letter less than the limit. */
const secondsUntil = (times: readonly number[], limit: number, window: number, now: number) =>
  Math.ceil((times[times.length - limit]! + window - now) / 1000);

function checkAgent({ db, now }: Pick<MailTools, "db" | "now">, agent: string, limit: number) {
  const sent = db
    .prepare(
      "SELECT created_at FROM messages WHERE sent_by = ? AND created_at > ? AND created_at <= ? ORDER BY 1",
    )
    .pluck()
    .all(agent, now() - MINUTE_MS, now() + AHEAD_MS) as number[];
  if (sent.length < limit) return;
  throw new AppError(
    "rate_limited",
    `${agent} sent ${sent.length} messages within a minute; the limit is ${limit}`,
    `nothing was stored; try again in ${secondsUntil(sent, limit, MINUTE_MS, now())} s, or raise mail.ratePerMinute in the config`,
  );
}

function checkPair(
  { db, now }: Pick<MailTools, "db" | "now">,
  a: string,
  b: string,
  limit: number,
): void {
  const written = db
    .prepare(
      `SELECT m.created_at FROM messages m JOIN deliveries d USING (seq)
       WHERE m.created_at > @since AND m.created_at <= @until
         AND ((m.sent_by = @a AND d.recipient = @b) OR (m.sent_by = @b AND d.recipient = @a))
       ORDER BY 1`,
    )
    .pluck()
    .all({ a, b, since: now() - PAIR_MS, until: now() + AHEAD_MS }) as number[];
  if (written.length < limit) return;
  throw new AppError(
    "rate_limited",
    `${a} and ${b} wrote each other ${written.length} messages within ten minutes; the limit is ${limit}`,
    `nothing was stored; try again in ${secondsUntil(written, limit, PAIR_MS, now())} s, or tell a person: ov mail send --to orchestrator`,
  );
}
