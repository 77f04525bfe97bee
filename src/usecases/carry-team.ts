import { AppError } from "../domain/errors.ts";
import type { Event } from "../domain/event.ts";
import { CARRIER, carrierPid, DISPATCHER, noteCarrier } from "./carrier-state.ts";
import { deliverOnce, restMs } from "./deliver-mail.ts";
import { type BudgetTools, guardBudget } from "./guard-budget.ts";
import { type BackupTools, backupDuty } from "./keep-backups.ts";
import { type RetentionTools, retentionDuty } from "./keep-small.ts";
import { dropDead, pidOf } from "./lease.ts";
import { reap } from "./observe-agent.ts";
import { witness } from "./reach-agent.ts";
import { type ReviveTools, reviveAgents } from "./revive-agents.ts";
import { tellNews } from "./tell-news.ts";
import type { WakeTools } from "./wake-agent.ts";
import { type HealthTools, watchHealth } from "./watch-health.ts";

export interface CarrierTools
  extends WakeTools,
    ReviveTools,
    HealthTools,
    BudgetTools,
    BackupTools,
    RetentionTools {
  /** Why it shall end; undefined: it shall not. */
  stopped: () => string | undefined;
  /** Hears of everything that happens, once, in order. */
  happened: (event: Event) => void;
}

/** Everybody is looked at this often, also when no letter waits. */
const LOOK_MS = 10_000;
/** No look takes so long. */
const ASLEEP_MS = 60_000;
const LEASE_MS = 30_000;
const RENEW_MS = 10_000;
/** A dispatcher steps aside after its round, in which it may wake a slow program. */
const TAKE_MS = 60_000;
/** Events that are read at once. */
const TOLD = 500;
const TAKE_POLL_MS = 200;

/**
 * The carrier: delivers what is due at once, and looks at the whole team every ten seconds, and
 * when a restart is due, until it is stopped. One a project, by the dispatcher's lease. Throws
 * `refused` when another one carries. What wakes it is a change of the store, not a clock.
 * That it carries, and that and why it has ended, are events.
 */
export async function carryTeam(tools: CarrierTools): Promise<void> {
  const { store, owner } = tools;
  const other = carrierPid(store);
  if (other !== undefined && other !== pidOf(owner) && tools.isAlive(other)) {
    throw new AppError("refused", `process ${other} carries already`, "ov down ends it");
  }
  const told = { last: store.events.last() };
  try {
    await carry(tools, told);
    noteCarrier(tools, "carrier.ended", { why: tools.stopped() });
  } catch (error) {
    noteCarrier(tools, "carrier.ended", { why: (error as Error).message });
    throw error;
  } finally {
    tell(tools, told);
  }
}

/** Passes on what has happened since the last call. */
function tell({ store, happened }: CarrierTools, told: { last: number }): void {
  for (;;) {
    const events = store.events.find({ after: told.last, limit: TOLD });
    for (const event of events) happened(event);
    told.last = events.at(-1)?.id ?? told.last;
    if (events.length < TOLD) return;
  }
}

async function carry(tools: CarrierTools, told: { last: number }): Promise<void> {
  const { store, now, owner } = tools;
  const until = () => now() + LEASE_MS;
  const take = () =>
    store.leases.take(CARRIER, owner, until()) && store.leases.take(DISPATCHER, owner, until());
  await takeOver(tools, take);
  let renewed = now();
  let looked = 0;
  // Somebody's restart is due before the next look.
  let restartAt: number | undefined;
  let awakeSince = now();
  const isDue = (since: number, ms: number) => now() - since >= ms || now() < since;
  let ended = store.events.last();
  const backups = backupDuty(tools);
  const retention = retentionDuty(tools);
  try {
    while (tools.stopped() === undefined) {
      // First of all: while this machine slept, or this process was stopped, another may have come.
      // Every renewal is a change of the store that wakes us again, so there are few.
      if (isDue(renewed, RENEW_MS)) {
        if (!take()) throw new AppError("refused", "another ov has taken over", "ov status");
        renewed = now();
      }
      if (store.isGone()) {
        throw new AppError(
          "refused",
          "its store was removed or replaced",
          "look: ov status; carry on: ov up",
        );
      }
      const why = tools.replaced?.();
      if (why !== undefined) throw new AppError("newer_database", why, "ov up");
      await deliverOnce(tools);
      const over = store.events.find({ kind: "session.over", after: ended, limit: 1 });
      if (isDue(looked, LOOK_MS) || over.length > 0 || now() >= (restartAt ?? 0)) {
        ended = store.events.last();
        // This machine slept, or its clock was set: times before that say nothing.
        if (looked > 0 && Math.abs(now() - looked) > ASLEEP_MS) awakeSince = now();
        looked = now();
        backups.look();
        retention.look();
        const isFirst = restartAt === undefined;
        restartAt = (await lookAtAll(tools, awakeSince)) ?? Number.POSITIVE_INFINITY;
        if (isFirst) noteCarrier(tools, "carrier.started");
      }
      tell(tools, told);
      const next = Math.min(looked + LOOK_MS, restartAt ?? 0);
      await tools.changed(Math.min(restMs(tools), Math.max(1, next - now())));
    }
  } finally {
    await backups.rest();
    for (const { agent } of store.sessions.live()) store.mail.settle(agent);
    for (const name of [DISPATCHER, CARRIER]) store.leases.release(name, owner);
  }
}

async function takeOver(tools: CarrierTools, take: () => boolean): Promise<void> {
  const { store, now, owner } = tools;
  const deadline = now() + TAKE_MS;
  for (const name of [CARRIER, DISPATCHER]) dropDead(tools, name);
  while (!take()) {
    const other = carrierPid(store);
    if (other !== undefined && other !== pidOf(owner)) {
      throw new AppError("refused", `process ${other} carries already`, "ov down ends it");
    }
    const why = tools.stopped();
    if (why !== undefined) {
      store.leases.release(CARRIER, owner);
      throw new AppError("refused", `${why} before it carried`);
    }
    if (now() >= deadline) {
      store.leases.release(CARRIER, owner);
      const pid = pidOf(store.leases.holder(DISPATCHER)?.owner ?? "");
      const message = `process ${pid} delivers messages and does not step aside`;
      throw new AppError("refused", message, `end it: kill ${pid}; then: ov up`);
    }
    await tools.pause(TAKE_POLL_MS);
  }
}

/** Returns when a restart is due (Unix ms), if one waits. */
async function lookAtAll(tools: CarrierTools, awakeSince: number): Promise<number | undefined> {
  const seen = await witness(tools, tools.store.sessions.live());
  for (const one of seen) reap(tools, one);
  await tellNews(tools, seen);
  await guardBudget(tools);
  await watchHealth(tools, seen, awakeSince);
  return reviveAgents(tools, seen);
}
