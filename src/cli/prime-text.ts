import type { Checkpoint } from "../domain/checkpoint.ts";
import { formatPriming } from "../domain/prime.ts";
import type { Store } from "../ports/store.ts";
import { lastCheckpoint, unknownAgent } from "../usecases/save-checkpoint.ts";

const NOTES = 10;

export interface PrimeText {
  text: string;
  checkpoint: Checkpoint | undefined;
  unread: number;
}

/** What an agent is told at its session's start and after a compaction. */
export function primeText(store: Store, name: string, isShort: boolean): PrimeText {
  const agent = store.agents.get(name);
  if (!agent) throw unknownAgent(store, name);
  const checkpoint = lastCheckpoint(store, name);
  const notes = store.notes.find({ tags: [name.toLowerCase()], limit: NOTES });
  const unread = store.mail.count(name).queued;
  return { text: formatPriming({ agent, checkpoint, notes, unread }, isShort), checkpoint, unread };
}
