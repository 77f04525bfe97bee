import { LEASE_MS } from "../domain/delivery.ts";
import { fittingTyped, formatTyped, holdsTyped, isTyped, typedHead } from "../domain/typed.ts";
import type { OpenDelivery } from "../ports/store.ts";
import type { Guard } from "../ports/terminal.ts";
import { mayGo } from "./choose-mail.ts";
import {
  type ComposerTools,
  HOLD,
  held,
  look,
  type Ours,
  type Outcome,
  submit,
  until,
  VISIBLE_MS,
} from "./composer.ts";
import type { Observation } from "./observe-agent.ts";
import { newOffer } from "./offers.ts";
import { isTypedHere } from "./recover-mail.ts";

export interface TypeTools extends ComposerTools {
  newId: (prefix: string) => string;
}

const LOOK_AHEAD = 60;
const ROWS_LEFT = 8;
/** A program has shown or dropped a paste by then. */
const SHOWN_MS = 5_000;

/** Letters that a writer took and that are not known to have been submitted, by what was typed. */
export interface Unfinished extends Ours {
  id: string;
  letters: OpenDelivery[];
}

export function unfinished({ store }: TypeTools, seen: Observation): Unfinished | undefined {
  const { session, runtime } = seen;
  const rows = store.mail
    .open(session.agent)
    .filter(({ delivery }) => isTypedHere(delivery, session));
  const id = rows[0]?.delivery.owner;
  if (!id) return undefined;
  const letters = rows.filter(({ delivery }) => delivery.owner === id);
  return { letters, ...ours(id, letters, runtime.typing.token) };
}

const ours = (id: string, letters: readonly { id: string }[], token: RegExp | undefined) => ({
  id,
  stands: (draft: string) => {
    const ids = letters.map((letter) => letter.id);
    return isTyped(draft, id, ids, token);
  },
  left: (draft: string) => !holdsTyped(draft, id),
});

/**
 * Finds out what became of letters whose writer was killed or could not finish. The pane itself
 * remembers what was pasted into it and what Enter was pressed for. Called by the pane's one
 * writer, with a look that is younger than its lease. Returns whether they wait in the composer.
 */
export function settleTyped(tools: TypeTools, seen: Observation, open: Unfinished): boolean {
  const { store, now } = tools;
  const { agent } = seen.session;
  const { frame, reading } = seen;
  if (!frame) return true;
  const taken = open.letters.map(({ delivery }) => delivery);
  const seqs = taken.map(({ seq }) => seq);
  if (frame.typed !== open.id) {
    store.mail.requeue(agent, taken, "it was never pasted");
    return false;
  }
  if (reading?.focus !== "composer" || holdsTyped(reading.draft, open.id)) return true;
  if (frame.entered === open.id) {
    store.mail.offered(agent, seqs, open.id);
    return false;
  }
  // Somebody else submitted or cleared it: only a transcript knows which.
  const { leaseUntil, transcript } = open.letters[0]!.delivery;
  if ((leaseUntil ?? 0) - LEASE_MS + SHOWN_MS > now()) return true;
  if (transcript === null) store.mail.offered(agent, seqs, open.id);
  else if ((leaseUntil ?? 0) > now()) return true;
  else store.mail.requeue(agent, taken, "it left the composer unsubmitted");
  return false;
}

/** Submits what an earlier writer left in the composer; it is never pasted again. */
export async function finishTyping(
  tools: TypeTools,
  seen: Observation,
  guard: Guard,
  open: Unfinished,
): Promise<Outcome> {
  const outcome = await submit(tools, seen, guard, open);
  const seqs = open.letters.map(({ delivery }) => delivery.seq);
  if (outcome.woken) tools.store.mail.offered(seen.session.agent, seqs, open.id);
  return outcome;
}

/** On one line all of it must be seen, or it could not be known from another text. */
function roomOf({ runtime, frame }: Observation): number {
  const { lines, room } = runtime.typing;
  if (lines || !frame) return room;
  return Math.min(room, frame.width * Math.max(2, frame.lines.length - ROWS_LEFT));
}

/**
 * Types the letters themselves into an empty composer, for a session that no hook of ours brings
 * them to. They are taken by lease before the paste, and `offered` once Enter has taken our text
 * out of the composer. They go back only where it is certain that nothing was pasted.
 */
export async function typeLetters(
  tools: TypeTools,
  seen: Observation,
  guard: Guard,
): Promise<Outcome> {
  const { store, terminal, now } = tools;
  const { session, runtime } = seen;
  const { agent } = session;
  // The look that led here may be older than this writer's lease.
  const at = await look(tools, seen);
  if (at?.draft !== "") return held("human_draft");
  const isFree = mayGo(store.mail.open(agent), seen.runtimeSession ?? null);
  const free = store.mail.queued(agent, LOOK_AHEAD).filter(isFree);
  const room = { ...runtime.typing, room: roomOf(seen) };
  const offer = newOffer(tools);
  const fit = free.slice(0, fittingTyped(free.map(offer.of), room));
  const id = tools.newId("type");
  const letters = store.mail.claim(agent, {
    seqs: fit.map(({ seq }) => seq),
    owner: id,
    until: now() + LEASE_MS,
    door: "type",
    session: seen.runtimeSession ?? null,
    transcript: seen.transcript ?? null,
    secretHash: offer.hash(),
  });
  if (letters.length === 0) return held("agent_busy");
  const seqs = letters.map(({ seq }) => seq);
  const text = { id, head: typedHead(id), body: formatTyped(letters.map(offer.of), room) };
  const pasted = await terminal.type(session.pane, text, { ...guard, cursor: at.cursor });
  if (!pasted.ok) {
    const taken = store.mail.open(agent).map(({ delivery }) => delivery);
    const back = taken.filter(({ owner }) => owner === id);
    store.mail.requeue(agent, back, `not pasted: ${pasted.refusal}`);
    return held(HOLD[pasted.refusal]);
  }
  const mine = ours(id, letters, runtime.typing.token);
  if (!(await until(tools, seen, VISIBLE_MS, mine.stands))) return held("agent_unknown");
  await tools.pause(runtime.settleMs);
  const outcome = await submit(tools, seen, guard, mine);
  if (outcome.woken) store.mail.offered(agent, seqs, id);
  return outcome;
}
