import type { Session } from "../domain/agent.ts";
import { AppError } from "../domain/errors.ts";
import type { Made } from "../domain/start.ts";
import { alone } from "./alone.ts";
import { openHandoff, pendingHandoff } from "./handoff-record.ts";
import { refuseSecond } from "./one-program.ts";
import { reapAll } from "./reach-agent.ts";
import { repairMoved } from "./repair-moved.ts";
import { saveCheckpoint, unknownAgent } from "./save-checkpoint.ts";
import { fateOf } from "./session-fate.ts";
import { type SucceedTools, succeed } from "./succeed-session.ts";
import { takeBackBroken } from "./take-back.ts";

export type Resumed =
  | { agent: string; how: "running" }
  | {
      agent: string;
      how: "resumed" | "primed";
      why: string;
      session: Session;
      made?: Made | undefined;
    };

/**
 * Brings an agent back whose session has ended: the same name, worktree and task, in the pane
 * where it was, if that is still there. `fresh`: without the program's own conversation. Throws
 * `refused` for one that never had a session of ours, or whose worktree is gone.
 */
export async function resumeAgent(
  tools: SucceedTools,
  name: string,
  fresh: boolean,
): Promise<Resumed> {
  const { store, launcher } = tools;
  await repairMoved(tools);
  const agent = store.agents.get(name);
  if (!agent) throw unknownAgent(store, name);
  await takeBackBroken(tools);
  await reapAll(tools);
  return alone(tools, name, async () => {
    const before = store.sessions.lastOf(name);
    if (!before || before.adopted) {
      const hint = `ov sling <task> --name ${name}`;
      throw new AppError("refused", `${name} has no session to go on with`, hint);
    }
    const standing = await fateOf(tools, before);
    if (standing.fate === "running") {
      await refuseUnreached(tools, before);
      return { agent: name, how: "running" };
    }
    await refuseSecond(tools, [name]);
    const { fate, why, ending } = standing;
    launcher.letGo(before);
    const isLost = fate === "lost";
    const { checkpoint } = await saveCheckpoint(tools, name, isLost ? "crash" : "session_end");
    // A handoff that was broken off wanted a new context.
    const resume = !fresh && pendingHandoff(store, before) === undefined;
    const record = openHandoff(tools, before, checkpoint, {
      reason: isLost ? "crash" : "manual",
    });
    const runtime = before.runtime;
    const { session, isResumed, made } = await succeed(tools, {
      ...{ agent, before, ending, record, runtime, resume },
    });
    return { agent: session.agent, how: isResumed ? "resumed" : "primed", why, session, made };
  });
}

/** One that runs where nobody can look is told as such: it is neither brought back nor well. */
async function refuseUnreached({ terminal, launcher }: SucceedTools, session: Session) {
  const [look] = await terminal.look([session.pane]);
  const { alive, pid } = launcher.process(session);
  if (!look?.unreached && look?.gone !== "server") return;
  const why = look.unreached?.why ?? "its tmux server is gone";
  const program = alive ? `; its program, process ${pid}, lives` : "";
  const end = `end it: ov stop ${session.agent}`;
  const hint = look.unreached ? `${look.unreached.fix}; or ${end}` : end;
  throw new AppError("refused", `${session.agent} cannot be reached: ${why}${program}`, hint);
}

/** Agents whose session was lost, parents before their children: `ov resume --all`. */
export async function lostAgents(tools: SucceedTools): Promise<string[]> {
  const { store } = tools;
  await reapAll(tools);
  await repairMoved(tools);
  const trees = new Set((await tools.repo.worktrees()).map((tree) => tree.agent));
  const lost: { name: string; depth: number }[] = [];
  for (const { name, depth } of store.agents.list()) {
    const last = store.sessions.lastOf(name);
    const hasPlace = trees.has(name) || (last && pendingHandoff(store, last)?.toAgent);
    if (last && hasPlace && !last.adopted && (await fateOf(tools, last)).fate === "lost") {
      lost.push({ name, depth });
    }
  }
  return lost.sort((a, b) => a.depth - b.depth).map(({ name }) => name);
}
