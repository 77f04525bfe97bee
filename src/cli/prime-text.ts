import { formatPriming } from "../domain/prime.ts";
import type { Store } from "../ports/store.ts";
import { primeAgent } from "../usecases/prime-agent.ts";

/** What an agent is told after a compaction. In a file of its own: the hot bundle has none of it. */
export const primeText = (store: Store, name: string): string =>
  formatPriming(primeAgent(store, name), true);
