import type { Session } from "../domain/agent.ts";
import { elapsed } from "../domain/clock.ts";
import { type Delivery, LEASE_MS, nextNotice } from "../domain/delivery.ts";
import { replyHead, trace } from "../domain/reply-line.ts";
import type { Proofs } from "../ports/runtime.ts";
import type { OpenDelivery, Store } from "../ports/store.ts";
import { pidOf } from "./lease.ts";
import { type FindOffer, offerFinder } from "./offers.ts";

export interface RecoverTools extends Proofs {
  store: Store;
  now: () => number;
}

/** A session that has ended has written its transcript by then (batched writes, ≤ 120 ms seen). */
const WRITTEN_MS = 2_000;
/** What was left behind a bell is taken within milliseconds, or nobody was there. */
const HEARD_MS = 10_000;
/** An offer whose session never answers is given up this late, if the transcript denies it. */
const SILENT_MS = 10 * 60_000;
/**
 * So much longer its session is waited for once its silence was seen: a machine that slept, or
 * whose clock was set, makes ten minutes of a moment, and the program has yet to write down.
 */
const DOUBT_MS = 30_000;
/** No turn is longer. */
const TURN_MS = 24 * 60 * 60_000;

/**
 * Finds out what became of letters that were taken and not proved, or whose turn is not over: seen
 * where the transcript holds them; queued again only where it says that they were taken back, or
 * where the lease ran out or the session ended, and it does not hold them. `current` is the
 * recipient's one live runtime session; undefined where it is not known which sessions live (a
 * person may run several).
 */
export async function recoverMail(
  tools: RecoverTools,
  recipient: string,
  current: { session: string | null } | undefined,
): Promise<void> {
  const { store, now } = tools;
  const find = offerFinder(tools);
  for (const one of store.mail.undoable(recipient)) await giveAgain(tools, find, recipient, one);
  keepSeen(store, recipient, ({ session, seenAt }) => {
    const over = current !== undefined && session !== current.session;
    return over || elapsed(seenAt ?? 0, now()) > TURN_MS;
  });
  for (const { delivery, id, sender } of store.mail.open(recipient)) {
    const { state, leaseUntil, offeredAt, transcript, session, seq } = delivery;
    const needle = await find(delivery, id);
    if (transcript && needle !== undefined) {
      const has = await tools.transcriptHas(transcript, [needle]);
      if (has.size > 0) {
        const isUndoable = await tools.transcriptUndoes(transcript);
        store.mail.seen(recipient, [seq], "transcript", isUndoable);
        continue;
      }
    }
    const one = { delivery, id, sender };
    if (state === "offered" && (await giveAgain(tools, find, recipient, one))) continue;
    const live = store.sessions.liveOf(recipient);
    // Its pane knows more: the pane's next writer looks there.
    if (live && isTypedHere(delivery, live)) continue;
    const over = current !== undefined && session !== null && session !== current.session;
    const age = elapsed(offeredAt ?? 0, now());
    const isPast = leaseUntil !== null && elapsed(leaseUntil, now()) >= 0;
    const expired = state === "leased" && isPast && !isStillHeld(tools, delivery);
    const unheard =
      state === "offered" &&
      delivery.door === "bell" &&
      age > HEARD_MS &&
      isUnheard(tools, recipient, session, id);
    const isSilent =
      state === "offered" &&
      transcript !== null &&
      age > SILENT_MS &&
      !(needle !== undefined && (await tools.transcriptHolds(transcript, needle)));
    const doubtedFor = leaseUntil === null ? Number.NaN : elapsed(leaseUntil, now());
    if (isSilent && !(doubtedFor <= SILENT_MS)) {
      store.mail.doubt(recipient, [seq], now() + DOUBT_MS);
    }
    const lost =
      state === "offered" &&
      transcript !== null &&
      ((over && age > WRITTEN_MS) || (isSilent && doubtedFor >= 0 && doubtedFor <= SILENT_MS));
    if (expired && delivery.door === "type" && transcript === null) {
      // Its pane is gone. It may have been submitted, so it is given to nobody else.
      store.mail.offered(recipient, [seq], delivery.owner ?? "");
    } else if (expired || lost || unheard) {
      const why = expired
        ? "the lease ran out"
        : unheard
          ? "nobody heard the bell"
          : "its session ended without it";
      store.mail.requeue(recipient, [delivery], why);
    }
  }
  store.mail.settle(recipient);
}

/** Queues a letter again whose turn was taken back since it was given; whether that was so. */
async function giveAgain(
  { store, now, transcriptDropped, newSecret }: RecoverTools,
  find: FindOffer,
  recipient: string,
  { delivery, id }: OpenDelivery,
): Promise<boolean> {
  const { transcript, offeredAt, door, seq, attempts } = delivery;
  // Only since this offer: an earlier one may have been taken back, and this one be on its way.
  const offer = { since: offeredAt ?? now(), door };
  if (!transcript) return false;
  // A program may tell of a turn that it took back before it wrote down what came with it.
  const needle = (await find(delivery, id)) ?? trace(id, newSecret());
  if (!(await transcriptDropped(transcript, needle, offer))) return false;
  store.mail.requeue(recipient, [delivery], "its turn was taken back");
  // What failed this turn may fail the next: a letter that wakes does so later each time.
  const due = nextNotice(attempts, now());
  // A turn that fails goes on once at its stop; one that fails at that is left alone.
  if (door === "hook:Stop") store.mail.hold(recipient, [seq], "turn_undone", due);
  else store.mail.noticed(recipient, [seq], due);
  return true;
}

/** These letters' turn is over: what was not taken back by now stays seen. */
export function keepSeen(
  { mail }: Store,
  recipient: string,
  isOver: (delivery: Delivery) => boolean,
): void {
  const over = mail.undoable(recipient).filter(({ delivery }) => isOver(delivery));
  const seqs = over.map(({ delivery }) => delivery.seq);
  if (seqs.length > 0) mail.keep(recipient, seqs);
}

/** Whether a letter was typed into this very session, and is not known to have been submitted. */
export function isTypedHere({ door, state, leaseUntil }: Delivery, session: Session): boolean {
  const taken = (leaseUntil ?? 0) - LEASE_MS;
  return door === "type" && state === "leased" && taken >= session.startedAt;
}

/**
 * Whether the hook that took this letter lives: it may still hand it over, however much later, for
 * machines sleep and clocks are set. The agent's program ends a hook that hangs.
 */
function isStillHeld({ isAlive }: RecoverTools, { door, owner }: Delivery): boolean {
  return door?.startsWith("hook:") === true && owner !== null && isAlive(pidOf(owner));
}

/** Whether this letter was left behind the bell of the live session and is now taken back. */
function isUnheard(
  { store, takeBack }: RecoverTools,
  recipient: string,
  session: string | null,
  id: string,
): boolean {
  const live = store.sessions.liveOf(recipient);
  return live?.runtimeSession === session && takeBack(live.dir, replyHead(id));
}
