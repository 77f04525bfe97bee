import { dueAfter } from "../domain/delivery.ts";
import { observe, reap } from "./observe-agent.ts";
import { recoverMail } from "./recover-mail.ts";
import { type WakeTools, wakeAgent } from "./wake-agent.ts";

export const DISPATCHER = "dispatcher";
/** A dispatcher renews its lease every round; this outlives the longest wake. */
const LEASE_MS = 30_000;
const ROUND_MS = 150;
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
  const { store, terminal, now } = tools;
  const round: Round = { woken: [], held: [], pending: false };
  store.mail.expire(now());
  const sessions = store.sessions.live();
  const busy = sessions.filter(({ agent }) => store.mail.count(agent).open > 0);
  const surveys = new Map<string, Awaited<ReturnType<typeof terminal.survey>>>();
  for (const { pane } of busy) {
    if (!surveys.has(pane.socket)) surveys.set(pane.socket, await terminal.survey(pane.socket));
  }
  for (const session of busy) {
    const { agent } = session;
    const seen = await observe(tools, session, surveys.get(session.pane.socket));
    if (store.mail.open(agent).length > 0) {
      const transcriptHas = seen.runtime.transcriptHas;
      const current = seen.runtimeSession ? { session: seen.runtimeSession } : undefined;
      await recoverMail({ store, now, transcriptHas }, agent, current);
    }
    const isGone = reap(tools, seen);
    const due = store.mail.wakeable(agent, now());
    if (isGone) {
      const seqs = due.map(({ message }) => message.seq);
      if (seqs.length > 0) {
        store.mail.hold(agent, seqs, "not_running", dueAfter("not_running", now()));
      }
      continue;
    }
    if (due.length > 0) {
      const outcome = await wakeAgent(tools, seen, due);
      (outcome.woken ? round.woken : round.held).push(agent);
    }
    if (isPending(tools, agent)) round.pending = true;
  }
  return round;
}

function isPending({ store, now }: WakeTools, agent: string): boolean {
  if (store.mail.wakeable(agent, Number.MAX_SAFE_INTEGER).length > 0) return true;
  return store.mail
    .open(agent)
    .some(({ delivery: d }) => now() - (d.offeredAt ?? now()) < WATCH_MS);
}

/** Whether any letter waits to wake a live agent or for its proof. */
export function hasWork(tools: WakeTools): boolean {
  return tools.store.sessions.live().some(({ agent }) => isPending(tools, agent));
}

/**
 * Rounds until nothing is pending. One dispatcher a project, by a lease; false when another has
 * it. The lease is given back before the last look, so that a letter that is stored at that
 * moment finds either this dispatcher or none.
 */
export async function deliverAll(tools: WakeTools): Promise<boolean> {
  const { store, now, owner } = tools;
  const take = () => store.leases.take(DISPATCHER, owner, now() + LEASE_MS);
  if (!take()) return false;
  try {
    do {
      while ((await deliverOnce(tools)).pending) {
        if (!take()) return false;
        await tools.pause(ROUND_MS);
      }
      store.leases.release(DISPATCHER, owner);
    } while (hasWork(tools) && take());
    return true;
  } finally {
    store.leases.release(DISPATCHER, owner);
  }
}
