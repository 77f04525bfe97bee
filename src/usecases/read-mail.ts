import { LEASE_MS } from "../domain/delivery.ts";
import type { Letter, Store } from "../ports/store.ts";
import { letterOf } from "./find-by-id.ts";

export interface LetterReading {
  letter: Letter;
  /** To be called once the letter was printed: its reader's own receipt becomes `seen`. */
  printed(): void;
}

/** One letter, whoever asks; only its recipient's reading counts. Throws `not_found`. */
export function readMail(
  { store, now }: { store: Store; now: () => number },
  id: string,
  reader: string,
  owner: string,
): LetterReading {
  const { mail } = store;
  const letter = letterOf(store, id);
  const { seq } = letter.message;
  const claim = { owner, until: now() + LEASE_MS, door: "command" as const };
  mail.claim(reader, { ...claim, seqs: [seq], session: null, transcript: null });
  return {
    letter,
    printed() {
      mail.seen(reader, [seq], "command");
      mail.settle(reader);
    },
  };
}
