import type { Session } from "../domain/agent.ts";
import { LEASE_MS } from "../domain/delivery.ts";
import { fitting, formatInjection } from "../domain/inject.ts";
import type { Message } from "../domain/message.ts";
import { formatNotice } from "../domain/notice.ts";
import type { Launcher } from "../ports/launcher.ts";
import type { Bell, Runtime, Secrets } from "../ports/runtime.ts";
import type { Store } from "../ports/store.ts";
import { mayGo } from "./choose-mail.ts";
import { newOffer } from "./offers.ts";
import { overBudget } from "./over-budget.ts";

export interface RingTools extends Secrets {
  store: Store;
  launcher: Launcher;
  runtimes: ReadonlyMap<string, Runtime>;
  env: Readonly<Record<string, string | undefined>>;
  now: () => number;
  newId: (prefix: string) => string;
  owner: string;
}

/** A bell is heard within 80 ms (Claude Code 2.1.329); after this time another way is tried. */
const HEARD_MS = 5_000;
const LOOK_AHEAD = 60;

/** As `ring`, by the session's one writer; false as well while another writes. */
export async function ringAgent(tools: RingTools, session: Session): Promise<boolean> {
  const lease = `pane:${session.id}`;
  const { store, owner, now } = tools;
  if (!tools.runtimes.get(session.runtime)?.bell || session.adopted) return false;
  if (!store.leases.take(lease, owner, now() + HEARD_MS)) return false;
  try {
    return await ring(tools, session);
  } finally {
    store.leases.release(lease, owner);
  }
}

/**
 * Lets an idle agent take its mail by its runtime's own door. Nothing is typed, so neither a draft
 * nor a reader's copy mode is in the way, and the program itself waits out a dialog. The letters
 * go through the door themselves where it can carry them; else a notice does, and the prompt's
 * hook brings them. Returns whether the program was called.
 */
export async function ring(tools: RingTools, session: Session): Promise<boolean> {
  const { store, launcher, now } = tools;
  const runtime = tools.runtimes.get(session.runtime);
  // A program that a person started has no bell of ours.
  if (!runtime?.bell || session.adopted || overBudget(store, session.agent)) return false;
  const due = store.mail.wakeable(session.agent, now()).map(({ message }) => message);
  const { pid, alive } = launcher.process(session);
  if (due.length === 0 || !alive || pid === undefined) return false;
  const env = { ...tools.env, ...launcher.kept(session) };
  const { facts, runtimeSession, transcript } = await runtime.facts(session, env, pid);
  if (!facts.some(({ source, state }) => source === "runtime" && state === "idle")) return false;
  const isFree = mayGo(store.mail.open(session.agent), runtimeSession ?? null);
  if (!due.some(isFree)) return false;
  const known = runtimeSession && transcript ? { runtimeSession, transcript } : undefined;
  if (known && carry(tools, session, runtime.bell, known, isFree)) return true;
  const notice = formatNotice(tools.newId("wake"), due);
  if (!runtime.bell.ring(session, notice)) return false;
  const seqs = due.map(({ seq }) => seq);
  store.mail.noticed(session.agent, seqs, now() + HEARD_MS);
  return true;
}

/**
 * Gives the letters themselves. They count as offered just before the program is called to them,
 * for what has been said cannot be taken back; recovery takes back what nobody heard. No hook
 * needs to look for them: whoever rings sees to it that their proof is awaited.
 */
function carry(
  tools: RingTools,
  session: Session,
  bell: Bell,
  known: { runtimeSession: string; transcript: string },
  isFree: (letter: Message) => boolean,
): boolean {
  const { store, owner, now } = tools;
  const { agent } = session;
  const queued = store.mail.queued(agent, LOOK_AHEAD).filter(isFree);
  const offer = newOffer(tools);
  const fit = queued.slice(0, fitting(queued.map(offer.of)));
  if (!bell.fits(session, formatInjection(fit.map(offer.of), 0))) return false;
  const letters = store.mail.claim(agent, {
    seqs: fit.map(({ seq }) => seq),
    owner,
    until: now() + LEASE_MS,
    door: "bell",
    session: known.runtimeSession,
    transcript: known.transcript,
    secretHash: offer.hash(),
  });
  if (letters.length === 0) return false;
  const seqs = letters.map(({ seq }) => seq);
  const text = formatInjection(letters.map(offer.of), store.mail.count(agent).queued);
  const left = bell.leave(session, text);
  store.mail.offered(agent, seqs, owner);
  const taken = store.mail.open(agent).map(({ delivery }) => delivery);
  store.mail.settle(agent, true);
  if (bell.call(session, left)) return true;
  const ours = taken.filter(({ seq }) => seqs.includes(seq));
  store.mail.requeue(agent, ours, "nobody waited behind the bell");
  return false;
}
