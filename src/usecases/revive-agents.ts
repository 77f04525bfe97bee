import type { Agent, Session } from "../domain/agent.ts";
import { AppError } from "../domain/errors.ts";
import { SYSTEM } from "../domain/name.ts";
import { type RestartPolicy, restartAt } from "../domain/restart.ts";
import { isoTime } from "../domain/time.ts";
import { isTaken } from "./alone.ts";
import type { Observation } from "./observe-agent.ts";
import { parentOf } from "./parent-of.ts";
import { resumeAgent } from "./resume-agent.ts";
import { trySaveCheckpoint } from "./save-checkpoint.ts";
import { NO_LIMITS, sendMail } from "./send-mail.ts";
import { fateOf } from "./session-fate.ts";
import type { SucceedTools } from "./succeed-session.ts";
import type { NewsTools } from "./tell-news.ts";

export interface ReviveTools extends SucceedTools, NewsTools {
  restart: RestartPolicy;
  /** Ended sessions that were found to be somebody's doing, kept by the caller between looks. */
  settled: Set<string>;
}

const RESTARTS = 50;

/**
 * Looks after agents whose session nobody ended: writes down where the work stands, tells the
 * parent, and starts a successor as the policy says. Returns when the next one is due (Unix ms),
 * if one waits. Called by the carrier with what each look showed (`seen`, of all live sessions); a
 * death is a fact that was seen, never a time that ran out.
 */
export async function reviveAgents(
  tools: ReviveTools,
  seen: readonly Observation[],
): Promise<number | undefined> {
  const { store, settled } = tools;
  const looks = new Map(seen.map((one) => [one.session.id, one]));
  const due: number[] = [];
  for (const agent of store.agents.list().filter(({ kind }) => kind === "local")) {
    const last = store.sessions.lastOf(agent.name);
    if (!last || last.adopted || settled.has(last.id) || isTaken(tools, agent.name)) continue;
    const look = looks.get(last.id);
    // It began since the team was looked at.
    if (last.endedAt === null && !look) continue;
    const { fate, why } = await fateOf(tools, last, look);
    if (fate === "over") settled.add(last.id);
    const dueAt = fate === "lost" ? await revive(tools, agent, last, why) : undefined;
    if (dueAt !== undefined) due.push(dueAt);
  }
  return due.length > 0 ? Math.min(...due) : undefined;
}

/** When it is due, where that is not yet. */
async function revive(
  tools: ReviveTools,
  agent: Agent,
  last: Session,
  why: string,
): Promise<number | undefined> {
  const { store, now, settled } = tools;
  const { name } = agent;
  const lostAt = await mourn(tools, agent, last, why);
  const done = store.events.find({ agent: name, kind: "agent.restarted", limit: RESTARTS });
  const before = done.map(({ at }) => at);
  const dueAt = restartAt(tools.restart, before, lostAt, now());
  if (dueAt === undefined) {
    settled.add(last.id);
    store.events.add("agent.given_up", { agent: name, data: { session: last.id, why } });
    await tools.notify({
      kind: "lost",
      agent: name,
      detail: `${why}; bring it back: ov resume ${name}`,
    });
    return undefined;
  }
  // A clock that was set back waits for nothing.
  if (now() >= lostAt && now() < dueAt) return dueAt;
  try {
    // What broke its conversation once may do so again.
    const isAgain = before.some((at) => now() - at < tools.restart.withinMs);
    const result = await resumeAgent(tools, name, isAgain);
    if (result.how === "running") return undefined;
    const data = { from: last.id, to: result.session.id, how: result.how };
    store.events.add("agent.restarted", { agent: name, data });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    store.events.add("agent.restart_failed", { agent: name, data: { cause: error.message } });
    settled.add(last.id);
    await tools.notify({ kind: "lost", agent: name, detail: `${why}; ${error.message}` });
  }
  return undefined;
}

/** Once for each lost session: its checkpoint, a line in the log and a letter to its parent. */
async function mourn(
  tools: ReviveTools,
  agent: Agent,
  last: Session,
  why: string,
): Promise<number> {
  const { store, now } = tools;
  const { name } = agent;
  const known = store.events.lastOf(name, ["agent.lost"]);
  if (known && JSON.parse(known.data ?? "{}").session === last.id) return known.at;
  await trySaveCheckpoint(tools, name, "crash");
  store.events.add("agent.lost", { agent: name, data: { session: last.id, why } });
  const payload = {
    agentName: name,
    capability: agent.role,
    taskId: agent.task ?? "-",
    reason: why,
    lastActivity: isoTime(store.events.lastOf(name, ["checkpoint.saved"])?.at ?? last.startedAt),
    terminatedBy: "nobody",
  };
  const letter = {
    sender: SYSTEM,
    to: parentOf(store, name),
    type: "worker_died",
    priority: "normal",
  } as const;
  const text = { subject: `${name}: ${why}`, body: `The session of ${name} was lost: ${why}.` };
  sendMail(store, { ...letter, ...text, payload: JSON.stringify(payload) }, NO_LIMITS);
  return now();
}
