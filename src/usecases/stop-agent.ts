import type { Session } from "../domain/agent.ts";
import { AppError, unknownWord } from "../domain/errors.ts";
import { alone } from "./alone.ts";
import { observe, type TeamTools } from "./observe-agent.ts";
import { haveBack, reapAll } from "./reach-agent.ts";
import { fateOf } from "./session-fate.ts";

/** `closed`: it did not run, but waited to be brought back, and waits no more. */
export interface Stopped {
  wasRunning: boolean;
  closed: boolean;
}

/** Ends an agent's program by pid, then its pane. Mail, worktree and branch stay. */
export async function stopAgent(tools: TeamTools, name: string): Promise<Stopped> {
  const { store } = tools;
  if (!store.agents.get(name)) {
    throw unknownWord(
      "agent",
      name,
      store.agents.list().map((agent) => agent.name),
    );
  }
  // Its server may end with it: who went before is told from that now.
  await reapAll(tools);
  const session = store.sessions.lastOf(name);
  if (!session) return { wasRunning: false, closed: false };
  if (session.endedAt !== null) {
    const closed = (await fateOf(tools, session)).fate === "lost";
    if (closed) store.sessions.close(session.id);
    return { wasRunning: await endLeft(tools, name), closed };
  }
  if (session.adopted) {
    const hint = `let it go: ov release ${name}`;
    throw new AppError("refused", `${name} was adopted: its program is a person's`, hint);
  }
  // Nobody may take the program for lost while it ends.
  await alone(tools, name, () => endSession(tools, session));
  return { wasRunning: true, closed: false };
}

/** How a program ended that had ended by itself stays as it was; that it stays ended is new. */
async function endSession(tools: TeamTools, session: Session): Promise<void> {
  const { store, terminal, launcher } = tools;
  const { ending } = await observe(tools, session);
  // Before its program ends: whoever stops it may be killed then, and it stays stopped.
  store.sessions.close(session.id);
  if (!(await launcher.terminate(session))) {
    store.sessions.close(session.id, false);
    throw new AppError("refused", `the program of ${session.agent} does not end`, "look: ov peek");
  }
  await haveBack(tools, [session.pane]);
  await terminal.close(session.pane);
  launcher.letGo(session);
  store.sessions.end(session.id, ending ?? { kind: "asked", detail: "stopped" });
}

/** Agents of ours that run, or whose session was lost: `ov stop --all`. */
export async function stoppable(tools: TeamTools): Promise<string[]> {
  const { store } = tools;
  await reapAll(tools);
  const names: string[] = [];
  for (const { name } of store.agents.list()) {
    const last = store.sessions.lastOf(name);
    if (!last || last.adopted) continue;
    if (last.endedAt === null || (await fateOf(tools, last)).fate === "lost") names.push(name);
  }
  return names;
}

/** Programs of sessions that count as ended, and live. */
async function endLeft(tools: TeamTools, name: string): Promise<boolean> {
  const left = tools.launcher.living(name);
  if (left.length === 0) return false;
  return alone(tools, name, async () => {
    for (const program of left) {
      if (await tools.launcher.terminate(program)) continue;
      const message = `process ${program.pid} of ${name} does not end`;
      throw new AppError("refused", message, `kill -9 ${program.pid}`);
    }
    const last = tools.store.sessions.lastOf(name);
    if (last && !last.adopted) {
      await haveBack(tools, [last.pane]);
      await tools.terminal.close(last.pane);
    }
    return true;
  });
}
