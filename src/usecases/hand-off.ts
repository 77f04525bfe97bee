import type { Session } from "../domain/agent.ts";
import { AppError } from "../domain/errors.ts";
import type { HandoffReason, HandoffRecord } from "../domain/handoff.ts";
import type { Made } from "../domain/start.ts";
import type { Store } from "../ports/store.ts";
import { aloneWith } from "./alone.ts";
import { openHandoff, pendingHandoff } from "./handoff-record.ts";
import { lastCheckpoint, type Said, saveCheckpoint, unknownAgent } from "./save-checkpoint.ts";
import { type SucceedTools, succeed } from "./succeed-session.ts";
import { checkReceiver } from "./take-over.ts";

export interface HandOffInput {
  reason: HandoffReason;
  said: Said;
  /** The agent that takes the work over; default: the same. */
  to?: string | undefined;
  /** Of the successor; default: the same. */
  runtime?: string | undefined;
  /** Asks the agent for its own words, once nothing is known that would refuse. */
  ask?: () => Promise<void>;
}

/**
 * Replaces an agent's session by a new one in the same pane and worktree. First all that is known
 * of the work is stored; only then the old program is ended. Broken off anywhere, the record stays
 * open, and `ov resume` or the carrier completes it. Throws `refused` for an agent without a
 * session of ours, and when its program does not end: then it goes on as it was.
 */
export async function handOff(
  tools: SucceedTools,
  name: string,
  { reason, said, to, runtime, ask }: HandOffInput,
): Promise<{ record: HandoffRecord; session: Session; made: Made | undefined }> {
  const { store, launcher } = tools;
  const agent = store.agents.get(name);
  if (!agent) throw unknownAgent(store, name);
  if (runtime !== undefined && !tools.runtimes.has(runtime)) {
    const hint = `there are ${[...tools.runtimes.keys()].join(", ")}`;
    throw new AppError("not_found", `no runtime "${runtime}"`, hint);
  }
  if (to !== undefined) await checkReceiver(tools, name, to);
  replaceable(store, name);
  await ask?.();
  return aloneWith(tools, [name, ...(to ? [to] : [])], async () => {
    const before = replaceable(store, name);
    const { checkpoint } = await saveCheckpoint(tools, name, "handoff", said);
    openHandoff(tools, before, checkpoint, { reason, toAgent: to });
    if (!(await launcher.terminate(before))) {
      throw new AppError("refused", `the program of ${name} does not end`, `look: ov peek ${name}`);
    }
    launcher.letGo(before);
    // With what it did while it was being ended.
    await saveCheckpoint(tools, name, "handoff");
    const record = { ...pendingHandoff(store, before)!, checkpoint: lastCheckpoint(store, name)! };
    const ending = { kind: "handed_over", detail: record.reason } as const;
    const input = { agent, before, ending, record, runtime: runtime ?? before.runtime };
    const { session, made } = await succeed(tools, { ...input, resume: false });
    return { record: { ...record, toSessionId: session.id }, session, made };
  });
}

/** The session that may be ended for another one. Throws `refused`. */
function replaceable({ sessions }: Store, name: string): Session {
  const live = sessions.liveOf(name);
  if (!live) throw new AppError("refused", `${name} has no session`, `ov resume ${name}`);
  if (!live.adopted) return live;
  const hint = `let it go: ov release ${name}`;
  throw new AppError("refused", `${name} was adopted: its program is a person's`, hint);
}
