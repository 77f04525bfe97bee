import { LEASE_MS, proves } from "../domain/delivery.ts";
import { fitting, formatInjection, inBytes, inLetters, isInjection } from "../domain/inject.ts";
import type { HookCall } from "../ports/runtime.ts";
import { mayGo } from "./choose-mail.ts";
import { newOffer } from "./offers.ts";
import { overBudget } from "./over-budget.ts";
import { keepSeen, type RecoverTools, recoverMail } from "./recover-mail.ts";

/** More letters than ever fit into one injection. */
const LOOK_AHEAD = 60;

export interface Injection {
  text: string;
  /** To be called once the text has left our hands, and only then. */
  offered(): void;
}

/**
 * One hook event of an agent: settles what earlier events injected, then takes the letters that
 * fit. `isOnlySession`: the call comes from the agent's one live session, so that what other
 * sessions were offered can be judged. Letters are leased until `offered()`; a crash before that
 * leaves a lease that recovery reads.
 */
export async function injectMail(
  tools: RecoverTools,
  recipient: string,
  call: HookCall,
  owner: string,
  isOnlySession: boolean,
): Promise<Injection> {
  const { store, now } = tools;
  const session = call.runtimeSession ?? null;
  const open = store.mail.open(recipient);
  const proved = open.filter(
    ({ delivery: d }) =>
      d.state === "offered" &&
      // A hook's context can be dropped (Esc, an overridden stop): a transcript knows better.
      d.transcript === null &&
      d.session === session &&
      session !== null &&
      proves(call.event, d.door),
  );
  if (proved.length > 0) {
    const seqs = proved.map(({ delivery }) => delivery.seq);
    store.mail.seen(recipient, seqs, `hook:${call.event}`);
  }
  if (open.length > proved.length || store.mail.undoable(recipient).length > 0) {
    await recoverMail(tools, recipient, isOnlySession ? { session } : undefined);
  }
  // With a prompt the turn before is over. In Gemini CLI 0.61.0 the event comes as well when what
  // was said at a stop makes the turn go on.
  if (call.event === "UserPromptSubmit" && !isInjection(call.prompt ?? "")) {
    keepSeen(store, recipient, (delivery) => delivery.session === session);
  }

  const isFree = mayGo(store.mail.open(recipient), isOnlySession ? session : null);
  const waiting = store.mail.queued(recipient, LOOK_AHEAD).filter(isFree);
  const size = call.inBytes ? inBytes : inLetters;
  // What is said at a stop makes the turn go on, which costs, and fails where it has just done so;
  // elsewhere it goes on anyway.
  const isHeld =
    call.event === "Stop" &&
    (overBudget(store, recipient) !== undefined || store.mail.held(recipient, "turn_undone") > 0);
  const offer = newOffer(tools);
  const fit = isHeld ? [] : waiting.slice(0, fitting(waiting.map(offer.of), size));
  if (fit.length === 0) {
    store.mail.settle(recipient);
    return { text: "", offered: () => undefined };
  }
  const letters = store.mail.claim(recipient, {
    seqs: fit.map((message) => message.seq),
    owner,
    until: now() + LEASE_MS,
    door: `hook:${call.event}`,
    session,
    transcript: call.transcript ?? null,
    secretHash: offer.hash(),
  });
  const text = formatInjection(letters.map(offer.of), store.mail.count(recipient).queued, size);
  const seqs = letters.map((message) => message.seq);
  return { text, offered: () => void store.mail.offered(recipient, seqs, owner) };
}
