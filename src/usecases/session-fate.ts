import type { Session } from "../domain/agent.ts";
import { type Ending, isCrash } from "../domain/ending.ts";
import { pendingHandoff } from "./handoff-record.ts";
import type { Observation, TeamTools } from "./observe-agent.ts";
import { witnessOne } from "./reach-agent.ts";

/** `over`: somebody ended it; `lost`: nobody did, and its work waits to be gone on with. */
export type Fate = "running" | "over" | "lost";

/** `ending` of a session that runs no more, as it is stored or as it was just seen. */
export type Standing = { why: string } & (
  | { fate: "running" }
  | { fate: "over" | "lost"; ending: Ending }
);

/**
 * How a session stands: an ended one by the fact that was stored then, a live one by a look.
 * `seen`: what a look has just shown of it.
 */
export async function fateOf(
  tools: TeamTools,
  session: Session,
  seen?: Observation,
): Promise<Standing> {
  if (session.ending) return standing(tools, session, session.ending);
  const { state, ending } = seen ?? (await witnessOne(tools, session));
  if (ending) return standing(tools, session, ending);
  return { fate: "running", why: `${state.state}: ${state.detail}` };
}

function standing({ store }: TeamTools, session: Session, ending: Ending): Standing {
  if (ending.kind === "asked" || session.closed)
    return { fate: "over", why: ending.detail, ending };
  if (pendingHandoff(store, session)) {
    return { fate: "lost", why: "its handoff was broken off", ending };
  }
  return { fate: isCrash(ending) ? "lost" : "over", why: ending.detail, ending };
}
