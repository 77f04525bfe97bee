import type { Agent, Session } from "../domain/agent.ts";
import type { Ending } from "../domain/ending.ts";
import { AppError } from "../domain/errors.ts";
import { type HandoffRecord, successorPrompt } from "../domain/handoff.ts";
import { formatPriming } from "../domain/prime.ts";
import type { Made } from "../domain/start.ts";
import { type BeginTools, beginSession, madeBy } from "./begin-session.ts";
import { keepHandoff } from "./handoff-record.ts";
import { primeAgent } from "./prime-agent.ts";
import { recoverMail } from "./recover-mail.ts";
import type { CheckpointTools } from "./save-checkpoint.ts";
import { recorded } from "./take-back.ts";
import { leaveWork, moveWork, ofReceiver } from "./take-over.ts";

export interface SucceedTools extends BeginTools, CheckpointTools {
  worktrees: string;
  rolePrompt: (agent: Agent) => Promise<string>;
  /** How the config starts this runtime. */
  programOf: (runtime: string) => { command: string | undefined; args: readonly string[] };
}

export interface Succession {
  agent: Agent;
  before: Session;
  /** How that one ended, where the store does not know it yet. */
  ending: Ending;
  record: HandoffRecord;
  runtime: string;
  /** Go on with the program's own conversation, where it still has it. */
  resume: boolean;
}

export interface Succeeded {
  session: Session;
  isResumed: boolean;
  /** What is taken back should its program end before it has begun; undefined: it stays. */
  made: Made | undefined;
}

/**
 * Starts the session that takes the place of an ended one, in its pane and worktree, with the
 * checkpoint as its first prompt. One transaction ends the old session, makes the new one the
 * agent's own and completes the record. The caller holds the agent's `spawn` lease, and knows that
 * the program of `before` has ended.
 */
export async function succeed(tools: SucceedTools, input: Succession): Promise<Succeeded> {
  const { store } = tools;
  const { before, ending, record } = input;
  const { toAgent } = record;
  const agent = toAgent ? await receiverOf(tools, input, toAgent) : input.agent;
  const { name, task } = agent;
  if (!agent.worktree || !(await tools.repo.worktrees()).some((tree) => tree.agent === name)) {
    const hint = `start anew: ov sling ${task ?? "<task>"} --name ${name}`;
    throw new AppError("refused", `${name} has no worktree any more`, hint);
  }
  const checkpoint = ofReceiver(record.checkpoint, agent);
  const runtime = tools.runtimes.get(input.runtime);
  const isSame = input.runtime === before.runtime;
  const isResumed = input.resume && isSame && !toAgent && runtime?.resumes?.(before) === true;
  tools.terminal.checkProgram();
  const rolePrompt = await tools.rolePrompt(agent);
  const made = madeBy(tools, name, toAgent ? null : before);
  const begin = () =>
    beginSession(tools, {
      agent,
      made,
      runtime: input.runtime,
      rolePrompt,
      firstPrompt: successorPrompt({
        reason: record.reason,
        priming: formatPriming({ ...primeAgent(store, name), checkpoint }, false),
        isResumed,
        from: toAgent && before.agent,
      }),
      ...tools.programOf(input.runtime),
      resume: isResumed ? (before.runtimeSession ?? undefined) : undefined,
      after: { session: before, ending },
      record: ({ id }) => {
        keepHandoff(store, before.agent, { ...record, toSessionId: id });
        if (toAgent) leaveWork(tools, before.agent, agent, record.checkpoint);
        store.agents.update(name, { runtime: input.runtime });
        const data = { from: before.id, to: id, reason: record.reason, resumed: isResumed };
        store.events.add("handoff.completed", { agent: name, data });
      },
    });
  // Work that goes to another name stays there: its record says how far that has come.
  const session = await (toAgent ? begin() : recorded(tools, made, begin));
  if (toAgent) {
    // What the old program had taken, and its model was never given.
    await recoverMail(tools, before.agent, undefined);
    store.mail.redirect(before.agent, toAgent);
  }
  return { session, isResumed, made: toAgent ? undefined : made };
}

/** Where git does not move the worktree (it has submodules, or is locked), the work stays. */
async function receiverOf(
  tools: SucceedTools,
  { agent, record }: Succession,
  to: string,
): Promise<Agent> {
  try {
    return await moveWork(tools, agent, to);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    keepHandoff(tools.store, agent.name, { ...record, toAgent: undefined });
    const hint = `the work stays with ${agent.name}: ov resume ${agent.name}`;
    throw new AppError("refused", error.message, hint);
  }
}
