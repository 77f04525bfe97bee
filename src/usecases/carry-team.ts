import { AppError } from "../domain/errors.ts";
import type { Store } from "../ports/store.ts";
import { DISPATCHER, deliverOnce, restMs } from "./deliver-mail.ts";
import { type BudgetTools, guardBudget } from "./guard-budget.ts";
import { dropDead, pidOf } from "./lease.ts";
import { reap } from "./observe-agent.ts";
import { witness } from "./reach-agent.ts";
import { type ReviveTools, reviveAgents } from "./revive-agents.ts";
import { tellNews } from "./tell-news.ts";
import type { WakeTools } from "./wake-agent.ts";
import { type HealthTools, watchHealth } from "./watch-health.ts";

export interface CarrierTools extends WakeTools, ReviveTools, HealthTools, BudgetTools {
  stopped: () => boolean;
}

/** Everybody is looked at this often, also when no letter waits. */
const LOOK_MS = 10_000;
/** No look takes so long. */
const ASLEEP_MS = 60_000;
const CARRIER = "carrier";
const LEASE_MS = 30_000;
const RENEW_MS = 10_000;
/** A dispatcher that is at work ends by itself when it is done; it is waited for this long. */
const TAKE_MS = 90_000;
const TAKE_POLL_MS = 200;

/**
 * The carrier: delivers what is due at once, and looks at the whole team every ten seconds, and
 * when a restart is due, until it is stopped. One a project, by the dispatcher's lease. Throws
 * `refused` when another one carries. What wakes it is a change of the store, not a clock.
 */
export async function carryTeam(tools: CarrierTools): Promise<void> {
  const { store, now, owner } = tools;
  const until = () => now() + LEASE_MS;
  const take = () =>
    store.leases.take(CARRIER, owner, until()) && store.leases.take(DISPATCHER, owner, until());
  await takeOver(tools, take);
  let renewed = now();
  let looked = 0;
  // Somebody's restart is due before the next look.
  let restartAt = Number.POSITIVE_INFINITY;
  let awakeSince = now();
  const isDue = (since: number, ms: number) => now() - since >= ms || now() < since;
  let ended = store.events.last();
  try {
    while (!tools.stopped()) {
      // First of all: while this machine slept, or this process was stopped, another may have come.
      // Every renewal is a change of the store that wakes us again, so there are few.
      if (isDue(renewed, RENEW_MS)) {
        if (!take()) throw new AppError("refused", "another ov has taken over", "ov status");
        renewed = now();
      }
      await deliverOnce(tools);
      const over = store.events.find({ kind: "session.over", after: ended, limit: 1 });
      if (isDue(looked, LOOK_MS) || over.length > 0 || now() >= restartAt) {
        ended = store.events.last();
        // This machine slept, or its clock was set: times before that say nothing.
        if (looked > 0 && Math.abs(now() - looked) > ASLEEP_MS) awakeSince = now();
        looked = now();
        restartAt = (await lookAtAll(tools, awakeSince)) ?? Number.POSITIVE_INFINITY;
      }
      const next = Math.min(looked + LOOK_MS, restartAt);
      await tools.changed(Math.min(restMs(tools), Math.max(1, next - now())));
    }
  } finally {
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
    if (tools.stopped() || now() >= deadline) {
      store.leases.release(CARRIER, owner);
      throw new AppError("refused", "another ov delivers and does not end", "ov status");
    }
    await tools.pause(TAKE_POLL_MS);
  }
}

/** The process that carries, as its lease says; the caller asks whether it lives. */
export function carrierPid(store: Store): number | undefined {
  const holder = store.leases.holder(CARRIER);
  return holder && pidOf(holder.owner);
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
