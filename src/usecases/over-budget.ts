import type { Share } from "../domain/budget.ts";
import type { Store } from "../ports/store.ts";

/** The limit that an agent has passed, by the newest look; a hook can afford this question. */
export function overBudget(store: Store, agent: string): Share | undefined {
  const last = store.events.lastOf(agent, ["budget.over", "budget.under"]);
  return last?.kind === "budget.over" ? JSON.parse(last.data!) : undefined;
}
