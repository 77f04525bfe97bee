import {
  evidence,
  type Health,
  type HealthLimits,
  judge,
  nextStep,
  type Signs,
  type Step,
  type StepTaken,
} from "../domain/health.ts";
import { SYSTEM } from "../domain/name.ts";
import type { Store } from "../ports/store.ts";
import type { Observation } from "./observe-agent.ts";
import { overBudget } from "./over-budget.ts";
import { parentOf } from "./parent-of.ts";
import { NO_LIMITS, sendMail } from "./send-mail.ts";
import type { NewsTools } from "./tell-news.ts";

export interface HealthTools extends NewsTools {
  store: Store;
  now: () => number;
  health: HealthLimits & { step: number };
}

export interface Judged {
  agent: string;
  health: Health;
  evidence: string;
}

/**
 * Judges every agent that was looked at, and takes the next step about one that does not move: a
 * letter to it, a `health_check`, an escalation to its parent, then a word to the person. Each
 * step is an event with its evidence, so that another carrier goes on where this one ends.
 * `awakeSince`: what was quiet before it is not counted, for the machine may have slept.
 */
export async function watchHealth(
  tools: HealthTools,
  seen: readonly Observation[],
  awakeSince: number,
): Promise<void> {
  const { store, now, health: limits } = tools;
  for (const one of seen) {
    const { agent, id } = one.session;
    const signs = signsOf(tools, one, awakeSince);
    const health = judge(signs, limits);
    const last = lastStep(store, agent);
    const step = nextStep(health, id, last, limits.step, now());
    if (step) await take(tools, agent, id, step, health, evidence(health, signs));
    else if (last && (health === "calm" || health === "working")) {
      store.events.add("health.ok", { agent, data: { session: id } });
    }
  }
}

export function signsOf(
  { store, now }: Pick<HealthTools, "store" | "now">,
  { session, state, facts }: Observation,
  awakeSince: number,
): Signs {
  const since = (at: number) => Math.max(0, now() - Math.max(at, awakeSince));
  const grown = facts.find(({ source }) => source === "transcript")?.at;
  const seenAt = store.mail
    .unacked(session.agent)
    .map(
      ({ message, deliveries }) =>
        deliveries.find(({ recipient }) => recipient === session.agent)?.seenAt ??
        message.createdAt,
    );
  return {
    state: state.state,
    quietMs: grown === undefined ? undefined : since(grown),
    openMs: seenAt.length === 0 ? undefined : since(Math.min(...seenAt)),
    isOver: overBudget(store, session.agent) !== undefined,
  };
}

/** The last step since the agent was well. */
function lastStep(store: Store, agent: string): StepTaken | undefined {
  const last = store.events.lastOf(agent, ["health.step", "health.ok"]);
  if (last?.kind !== "health.step") return undefined;
  return { ...(JSON.parse(last.data ?? "{}") as Omit<StepTaken, "at">), at: last.at };
}

async function take(
  tools: HealthTools,
  agent: string,
  session: string,
  step: Step,
  health: Health,
  why: string,
): Promise<void> {
  const { store } = tools;
  const task = store.agents.get(agent)?.task ?? null;
  store.events.add("health.step", { agent, data: { health, step, session, evidence: why } });
  const letter = { sender: SYSTEM, payload: null, wake: true };
  if (step === "nudge") {
    const text = {
      subject: "Do you go on?",
      body: `You look stuck: ${why}. Say how it stands, or go on.`,
    };
    sendMail(store, { ...letter, ...text, to: agent, type: "status", priority: "high" }, NO_LIMITS);
  } else if (step === "health_check") {
    const payload = JSON.stringify({ agentName: agent, checkType: "liveness" });
    const text = { subject: "Are you there?", body: `Answer this letter: ${why}.` };
    sendMail(
      store,
      { ...letter, ...text, payload, to: agent, type: "health_check", priority: "high" },
      NO_LIMITS,
    );
  } else if (step === "escalation") {
    const payload = JSON.stringify({
      severity: "warning",
      taskId: task,
      context: `${agent}: ${why}`,
    });
    const text = {
      subject: `${agent} does not move`,
      body: `${agent}: ${why}. Look: ov peek ${agent}, ov explain ${agent}`,
    };
    sendMail(
      store,
      {
        ...letter,
        ...text,
        payload,
        to: parentOf(store, agent),
        type: "escalation",
        priority: "high",
      },
      NO_LIMITS,
    );
  } else {
    await tools.notify({ kind: "stalled", agent, detail: why });
  }
}
