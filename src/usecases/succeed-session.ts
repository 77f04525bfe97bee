import type { Agent, Session } from "../domain/agent.ts";
import type { Checkpoint } from "../domain/checkpoint.ts";
import { AppError } from "../domain/errors.ts";
import { type HandoffReason, type HandoffRecord, successorPrompt } from "../domain/handoff.ts";
import { formatPriming } from "../domain/prime.ts";
import type { Store } from "../ports/store.ts";
import { type BeginTools, beginSession } from "./begin-session.ts";
import { primeAgent } from "./prime-agent.ts";
import type { CheckpointTools } from "./save-checkpoint.ts";

export interface SucceedTools extends BeginTools, CheckpointTools {
  rolePrompt: (agent: Agent) => string;
  /** How the config starts this runtime. */
  programOf: (runtime: string) => { command: string | undefined; args: readonly string[] };
}

export interface Succession {
  agent: Agent;
  before: Session;
  record: HandoffRecord;
  runtime: string;
  /** Go on with the program's own conversation, where it still has it. */
  resume: boolean;
}

export interface Succeeded {
  session: Session;
  isResumed: boolean;
}

const KIND = "handoff";

/** Writes down that this session shall have a successor. Nothing ends before this is stored. */
export function openHandoff(
  { store, now }: Pick<SucceedTools, "store" | "now">,
  before: Session,
  checkpoint: Checkpoint,
  reason: HandoffReason,
): HandoffRecord {
  const known = pendingHandoff(store, before);
  const record: HandoffRecord = {
    fromSessionId: before.id,
    toSessionId: null,
    checkpoint,
    reason: known?.reason ?? reason,
    handoffAt: known?.handoffAt ?? new Date(now()).toISOString(),
  };
  keep(store, before.agent, record);
  return record;
}

/** The record of a handoff from this session that was broken off. */
export function pendingHandoff(store: Store, before: Session): HandoffRecord | undefined {
  const record = lastHandoff(store, before.agent);
  const isOpen = record?.toSessionId === null && record.fromSessionId === before.id;
  return isOpen ? record : undefined;
}

export function lastHandoff(store: Store, agent: string): HandoffRecord | undefined {
  const note = store.notes.get(KIND, agent);
  return note && (JSON.parse(note.body) as HandoffRecord);
}

function keep(store: Store, agent: string, record: HandoffRecord): void {
  store.notes.put({ kind: KIND, key: agent, agent, body: JSON.stringify(record) });
}

/**
 * Starts the session that takes the place of an ended one, in its pane and worktree, with the
 * checkpoint as its first prompt. One transaction ends the old session, makes the new one the
 * agent's own and completes the record. The caller holds the agent's `spawn` lease, and knows that
 * the program of `before` has ended.
 */
export async function succeed(tools: SucceedTools, input: Succession): Promise<Succeeded> {
  const { store } = tools;
  const { agent, before, record } = input;
  const { name, task } = agent;
  if (!agent.worktree || !(await tools.repo.worktrees()).some((tree) => tree.agent === name)) {
    const hint = `start anew: ov sling ${task ?? "<task>"} --name ${name}`;
    throw new AppError("refused", `${name} has no worktree any more`, hint);
  }
  const runtime = tools.runtimes.get(input.runtime);
  const isSame = input.runtime === before.runtime;
  const isResumed = input.resume && isSame && runtime?.resumes?.(before) === true;
  const session = await beginSession(tools, {
    agent,
    runtime: input.runtime,
    rolePrompt: tools.rolePrompt(agent),
    firstPrompt: successorPrompt({
      reason: record.reason,
      priming: formatPriming({ ...primeAgent(store, name), checkpoint: record.checkpoint }, false),
      isResumed,
    }),
    ...tools.programOf(input.runtime),
    resume: isResumed ? (before.runtimeSession ?? undefined) : undefined,
    after: { session: before, why: `handed over: ${record.reason}` },
    record: ({ id }) => {
      keep(store, name, { ...record, toSessionId: id });
      store.agents.update(name, { runtime: input.runtime });
      const data = { from: before.id, to: id, reason: record.reason, resumed: isResumed };
      store.events.add("handoff.completed", { agent: name, data });
    },
  });
  return { session, isResumed };
}
