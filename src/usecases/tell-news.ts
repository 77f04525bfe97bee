import type { News } from "../domain/news.ts";
import type { Store } from "../ports/store.ts";
import type { Observation } from "./observe-agent.ts";

export type { News };

export interface NewsTools {
  store: Store;
  /** Tells a person; must not throw. */
  notify: (news: News) => Promise<void>;
  /** Shows who waits for a person now, after each look; must not throw. */
  waiting?: ((agents: readonly string[]) => Promise<void>) | undefined;
}

/**
 * Tells a person of each agent that has begun to wait for one, once for each wait. The event log
 * remembers who was told of, so that another process goes on where this one ends.
 */
export async function tellNews(
  { store, notify, waiting }: NewsTools,
  seen: readonly Observation[],
): Promise<void> {
  for (const { session, state } of seen) {
    const { agent } = session;
    const last = store.events.lastOf(agent, ["agent.waiting", "agent.resumed"]);
    const isTold = last?.kind === "agent.waiting";
    if (state.state === "waiting" && !isTold) {
      store.events.add("agent.waiting", { agent, data: { detail: state.detail } });
      await notify({ kind: "waiting", agent, detail: state.detail });
    } else if (isTold && (state.state === "idle" || state.state === "busy")) {
      store.events.add("agent.resumed", { agent });
    }
  }
  const now = seen.filter(({ state }) => state.state === "waiting");
  await waiting?.(now.map(({ session }) => session.agent).sort());
}
