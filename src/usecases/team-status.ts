import type { Agent, Session } from "../domain/agent.ts";
import type { Share } from "../domain/budget.ts";
import type { Delivery, HoldReason } from "../domain/delivery.ts";
import type { Ending } from "../domain/ending.ts";
import type { Message } from "../domain/message.ts";
import type { AgentState, SessionFact } from "../domain/state.ts";
import type { Store } from "../ports/store.ts";
import { type Observation, observe, survey, type TeamTools } from "./observe-agent.ts";
import { dialogOf, type OpenDialog } from "./open-dialog.ts";
import { overBudget } from "./over-budget.ts";
import { type Redrawn, redrawnOf } from "./redraw-agent.ts";

export interface AgentStatus {
  agent: Agent;
  /** `stopped`: no session; all else is a live session's state. */
  state: AgentState | "stopped";
  detail: string;
  /** What it waits at, and what that is about. */
  dialog: OpenDialog | undefined;
  /** How its last session ended, where none lives. */
  ending: Ending | undefined;
  since: number | null;
  /** Its live session is a program that a person started. */
  adopted: boolean;
  unread: number;
  /** Letters that wake it, where it has a session to be woken. */
  waking: number;
  held: HoldReason[];
  unacked: number;
}

/** Every agent with what is known of it now, by one look at all live panes. Writes nothing. */
export async function teamStatus(tools: TeamTools): Promise<AgentStatus[]> {
  const { store } = tools;
  const seen = new Map<string, Observation>();
  for (const one of await survey(tools, store.sessions.live())) seen.set(one.session.agent, one);
  const shown = store.agents.list().filter(({ kind }) => kind !== "system");
  const mail = store.mail.perRecipient();
  const newest = store.sessions.newest();
  return shown.map((agent) => {
    const { queued, unacked } = mail.get(agent.name) ?? { queued: 0, unacked: 0 };
    const state = seen.get(agent.name)?.state;
    const adopted = seen.get(agent.name)?.session.adopted ?? false;
    const waiting = queued ? store.mail.wakeable(agent.name, Number.MAX_SAFE_INTEGER) : [];
    const reasons = waiting.map(({ delivery }) => delivery.reason).filter((r) => r !== null);
    return {
      agent,
      state: state?.state ?? "stopped",
      detail: state?.detail ?? "",
      dialog: dialogOf(seen.get(agent.name)),
      ending: endingOf(seen.get(agent.name), newest.get(agent.name)),
      since: sinceWhen(store, agent, seen.get(agent.name), newest.get(agent.name)),
      adopted,
      waking: seen.has(agent.name) ? waiting.length : 0,
      unread: queued,
      held: [...new Set(reasons)] as HoldReason[],
      unacked,
    };
  });
}

/** A wait whose beginning nothing dates began when the carrier first saw it. */
function sinceWhen(
  store: Store,
  { name }: Agent,
  seen: Observation | undefined,
  last: Session | undefined,
): number | null {
  if (!seen) return last?.endedAt ?? null;
  if (seen.since !== null || seen.state.state !== "waiting") return seen.since;
  const told = store.events.lastOf(name, ["agent.waiting", "agent.resumed"]);
  return told?.kind === "agent.waiting" ? told.at : null;
}

const endingOf = (seen: Observation | undefined, last: Session | undefined) =>
  seen ? seen.ending : (last?.ending ?? undefined);

export interface Explanation {
  agent: Agent;
  state: AgentState | "stopped";
  detail: string;
  /** How its last session ended, where none lives. */
  ending: Ending | undefined;
  facts: SessionFact[];
  /** When its program was last made to draw its screen again in this session, and why. */
  redrawn: Redrawn | undefined;
  letters: { message: Message; delivery: Delivery }[];
  /** The limit that it has passed, so that no letter wakes it. */
  budget: Share | undefined;
}

/** What is known of one agent, by which source and how old, and every letter that is open. Writes nothing. */
export async function explainAgent(tools: TeamTools, agent: Agent): Promise<Explanation> {
  const { store } = tools;
  const session = store.sessions.liveOf(agent.name);
  const seen = session && (await observe(tools, session));
  const filter = { recipient: agent.name, unread: true, limit: 1000 };
  const letters = store.mail
    .list(filter)
    .map(({ message, deliveries }) => ({
      message,
      delivery: deliveries.find((delivery) => delivery.recipient === agent.name)!,
    }))
    .reverse();
  return {
    agent,
    state: seen?.state.state ?? "stopped",
    detail: seen?.state.detail ?? "no running session",
    ending: endingOf(seen, store.sessions.lastOf(agent.name)),
    facts: seen?.facts ?? [],
    redrawn: session && redrawnOf(store, session),
    letters,
    budget: overBudget(store, agent.name),
  };
}
