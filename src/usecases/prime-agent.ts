import type { Priming } from "../domain/prime.ts";
import type { Store } from "../ports/store.ts";
import { lastCheckpoint, unknownAgent } from "./save-checkpoint.ts";

const NOTES = 10;

/** What an agent must know at a session's start. Throws `not_found`. */
export function primeAgent(store: Store, name: string): Priming {
  const agent = store.agents.get(name);
  if (!agent) throw unknownAgent(store, name);
  return {
    agent,
    checkpoint: lastCheckpoint(store, name),
    notes: store.notes.find({ tags: [name.toLowerCase()], limit: NOTES }),
    unread: store.mail.count(name).queued,
  };
}
