import type { Delivery } from "../domain/delivery.ts";
import type { Message } from "../domain/message.ts";
import { trace } from "../domain/reply-line.ts";
import type { Proofs, Secrets } from "../ports/runtime.ts";

/** An offer to be: its messages carry the secret, and the claim has the hash. */
export function newOffer({ newSecret, hashOf }: Secrets) {
  const secret = newSecret();
  return {
    of: (message: Message) => ({ ...message, secret }),
    /** Made when it is asked for: most looks for mail find none. */
    hash: () => hashOf(secret),
  };
}

/** Finds what a conversation shows of an offer, if it shows it at all. */
export type FindOffer = (delivery: Delivery, id: string) => Promise<string | undefined>;

/**
 * Reads each transcript once. What is found is the text that only this offer of the message has; of
 * an offer without a secret, from a store that knew none, the text that it had.
 */
export function offerFinder({ transcriptSecrets, hashOf }: Proofs): FindOffer {
  const known = new Map<string, ReturnType<Proofs["transcriptSecrets"]>>();
  return async ({ transcript, secretHash }, id) => {
    if (transcript === null) return undefined;
    if (secretHash === null) return trace(id);
    const reading = known.get(transcript) ?? transcriptSecrets(transcript);
    known.set(transcript, reading);
    const secrets = (await reading).get(id) ?? [];
    const secret = [...secrets].find((one) => hashOf(one) === secretHash);
    return secret && trace(id, secret);
  };
}
