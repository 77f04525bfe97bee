import { elapsed } from "../domain/clock.ts";
import { dueAfter } from "../domain/delivery.ts";
import { CARRIER, DISPATCHER } from "./carrier-state.ts";
import { mayGo } from "./choose-mail.ts";
import { pidOf } from "./lease.ts";
import { type Observation, reap } from "./observe-agent.ts";
import { overBudget } from "./over-budget.ts";
import { witness } from "./reach-agent.ts";
import { isTypedHere, keepSeen, recoverMail } from "./recover-mail.ts";
import { redrawSpoilt } from "./redraw-agent.ts";
import { type WakeTools, wakeAgent } from "./wake-agent.ts";
import { fireWatches, openWatches } from "./watch-agent.ts";

/** A dispatcher renews its lease every round; this outlives the longest wake. */
const LEASE_MS = 30_000;
const ROUND_MS = 150;
/** No rest is longer: clocks jump, and a change may not be told, as on a network folder. */
const REST_MS = 5_000;
/** A turn that ended so long ago is not taken back. */
const OVER_MS = 3_000;
/** Whether it was is looked for so often. */
const END_MS = 1_000;
/** An offer to a live session is watched this long for its proof; later calls look again. */
const WATCH_MS = 60_000;

export interface Round {
  woken: string[];
  held: string[];
  /** True while a letter is queued to wake a live agent, or its proof is awaited. */
  pending: boolean;
}

/** One round of delivery over the whole team. Called by hand in tests, by `ov deliver` in life. */
export async function deliverOnce(tools: WakeTools): Promise<Round> {
  const { store, now } = tools;
  store.mail.expire(now());
  const round: Round = { woken: [], held: [], pending: false };
  const watched = new Set(openWatches(tools).map(({ agent }) => agent));
  const concerned = store.mail.concerned();
  const looked = store.sessions
    .live()
    .filter(({ agent: a }) => watched.has(a) || (concerned.has(a) && hasBusiness(tools, a)));
  const seen = await witness(tools, looked);
  const byName = new Map(seen.map((one) => [one.session.agent, one]));
  if (watched.size > 0) fireWatches(tools, byName, tools.goalSince);
  // Side by side: an agent that is slow to show a paste must not keep the others waiting.
  await Promise.all(seen.map((one) => serve(tools, one, round)));
  round.pending = hasWork(tools);
  return round;
}

/** One with nothing to do costs no look at its pane. */
function hasBusiness({ store, now }: WakeTools, agent: string): boolean {
  const { mail } = store;
  const isGiven = mail.open(agent).length > 0 || mail.undoable(agent).length > 0;
  return isGiven || mail.wakeable(agent, now()).length > 0;
}

/** Proves and wakes for one session. */
async function serve(tools: WakeTools, seen: Observation, round: Round): Promise<void> {
  const { agent } = seen.session;
  const { mail } = tools.store;
  if (mail.open(agent).length > 0 || mail.undoable(agent).length > 0) {
    const current = seen.runtimeSession ? { session: seen.runtimeSession } : undefined;
    await recoverMail(tools, agent, current);
  }
  if (seen.state.state === "idle" && elapsed(seen.hookAt ?? 0, tools.now()) > OVER_MS) {
    keepSeen(tools.store, agent, () => true);
  }
  await wake(tools, seen, round);
  await redrawSpoilt(tools, seen);
}

async function wake(tools: WakeTools, seen: Observation, round: Round): Promise<void> {
  const { store, now } = tools;
  const { agent } = seen.session;
  const due = store.mail.wakeable(agent, now());
  if (reap(tools, seen)) return;
  if (overBudget(store, agent)) {
    const seqs = due.map(({ message }) => message.seq);
    store.mail.hold(agent, seqs, "over_budget", dueAfter("over_budget", now()));
    return;
  }
  // What came with a prompt that never was sent comes with the turn that a wake makes.
  const stuck = store.mail
    .open(agent)
    .filter(({ delivery: d }) => d.state === "leased" || d.door !== "hook:UserPromptSubmit");
  const isFree = mayGo(stuck, seen.runtimeSession ?? null);
  const isTyping = stuck.some(({ delivery }) => isTypedHere(delivery, seen.session));
  if (!isTyping && !due.some(({ message }) => isFree(message))) return;
  // The prompt's hook goes by the marker, which may have been lost with its folder.
  store.mail.settle(agent);
  const outcome = await wakeAgent(tools, seen, due);
  (outcome.woken ? round.woken : round.held).push(agent);
}

/** What waits for a new session, or for a person and their money, keeps nobody busy. */
const LONG: readonly (string | null)[] = ["not_running", "over_budget"];

function isPending(tools: WakeTools, agent: string): boolean {
  const waiting = tools.store.mail.wakeable(agent, Number.MAX_SAFE_INTEGER);
  if (waiting.some(({ delivery }) => !LONG.includes(delivery.reason))) return true;
  return awaitsProof(tools, agent) || awaitsEnd(tools, agent);
}

/** Whether a letter was given so short a time ago that its proof may come at any moment. */
const awaitsProof = ({ store, now }: WakeTools, agent: string): boolean =>
  store.mail.open(agent).some(({ delivery: d }) => elapsed(d.offeredAt ?? now(), now()) < WATCH_MS);

/** Whether a letter was seen so short a time ago that its turn may be taken back at any moment. */
const awaitsEnd = ({ store, now }: WakeTools, agent: string): boolean =>
  store.mail.undoable(agent).some(({ delivery: d }) => elapsed(d.seenAt ?? 0, now()) < WATCH_MS);

/** The live agents about whom the store has to be asked at all: most of a team is idle. */
function concernedAgents({ store }: WakeTools): string[] {
  const concerned = store.mail.concerned();
  return store.sessions.live().flatMap(({ agent }) => (concerned.has(agent) ? agent : []));
}

/** Whether a letter waits to wake a live agent or for its proof, or somebody to be told. */
export function hasWork(tools: WakeTools): boolean {
  const isMail = concernedAgents(tools).some((agent) => isPending(tools, agent));
  return isMail || openWatches(tools).length > 0;
}

/** How long nothing is due, in ms: a proof or a goal is looked for often, a held letter in time. */
export function restMs(tools: WakeTools): number {
  const { store, now } = tools;
  if (openWatches(tools).length > 0) return ROUND_MS;
  let rest = REST_MS;
  for (const agent of concernedAgents(tools)) {
    if (awaitsProof(tools, agent)) return ROUND_MS;
    if (awaitsEnd(tools, agent)) rest = Math.min(rest, END_MS);
    for (const { delivery } of store.mail.wakeable(agent, Number.MAX_SAFE_INTEGER)) {
      rest = Math.min(rest, (delivery.nextTryAt ?? 0) - now());
    }
  }
  return Math.max(ROUND_MS, rest);
}

/** Whether a carrier lives and wants to deliver itself. Its lease is a change that wakes us. */
function isWanted({ store, owner, isAlive }: WakeTools): boolean {
  const carrier = store.leases.holder(CARRIER)?.owner;
  return carrier !== undefined && carrier !== owner && isAlive(pidOf(carrier));
}

/**
 * Rounds until nothing is pending. One dispatcher a project, by a lease; false when another has
 * it, or when a carrier takes over. The lease is given back before the last look, so that a letter that is stored at that
 * moment finds either this dispatcher or none.
 */
export async function deliverAll(tools: WakeTools): Promise<boolean> {
  const { store, now, owner } = tools;
  const take = () =>
    !isWanted(tools) &&
    !store.isGone() &&
    tools.replaced?.() === undefined &&
    store.leases.take(DISPATCHER, owner, now() + LEASE_MS);
  if (!take()) return false;
  try {
    do {
      while ((await deliverOnce(tools)).pending) {
        if (!take()) return false;
        await tools.changed(restMs(tools));
      }
      store.leases.release(DISPATCHER, owner);
    } while (hasWork(tools) && take());
    return true;
  } finally {
    // Nobody watches any more: what is not proved yet is for the agents' hooks again.
    for (const { agent } of store.sessions.live()) store.mail.settle(agent);
    store.leases.release(DISPATCHER, owner);
  }
}
