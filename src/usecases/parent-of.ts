import { ORCHESTRATOR } from "../domain/name.ts";
import type { Store } from "../ports/store.ts";

/** Who is told of an agent: who gave it its task, else the person. */
export function parentOf(store: Store, agent: string): string {
  const parent = store.agents.get(agent)?.parent ?? ORCHESTRATOR;
  return parent !== agent && store.agents.get(parent) ? parent : ORCHESTRATOR;
}
