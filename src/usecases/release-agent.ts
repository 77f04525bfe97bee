import type { Session } from "../domain/agent.ts";
import type { Ending } from "../domain/ending.ts";
import { AppError, unknownWord } from "../domain/errors.ts";
import type { TeamTools } from "./observe-agent.ts";

export interface ReleaseTools extends TeamTools {
  owner: string;
}

const WRITER_MS = 20_000;

/**
 * Undoes `ov adopt`: the agent's session ends, and its program and pane know nothing of us. Both
 * are left as they are. Queued letters stay. Throws `refused` for a session that `ov` started, and
 * while something is being typed into the pane.
 */
export async function releaseAgent(
  tools: ReleaseTools,
  name: string,
): Promise<{ waiting: number }> {
  const { store, now, owner } = tools;
  if (!store.agents.get(name)) {
    throw unknownWord(
      "agent",
      name,
      store.agents.list().map((agent) => agent.name),
    );
  }
  const session = store.sessions.liveOf(name);
  if (!session) throw new AppError("refused", `${name} has no session`, "ov status");
  if (!session.adopted) {
    throw new AppError("refused", `${name} was started by ov sling`, `end it: ov stop ${name}`);
  }
  const lease = `pane:${session.id}`;
  if (!store.leases.take(lease, owner, now() + WRITER_MS)) {
    throw new AppError("refused", `${name} is being written to`, "try again");
  }
  try {
    await letGo(tools, session, { kind: "asked", detail: "released" });
    return { waiting: store.mail.count(name).queued };
  } finally {
    store.leases.release(lease, owner);
  }
}

/** Ends an adopted session. The mark goes last: a pane with the mark of an ended one is free. */
export async function letGo(tools: TeamTools, session: Session, ending: Ending): Promise<void> {
  tools.launcher.forget(session);
  tools.store.sessions.end(session.id, ending);
  await tools.terminal.unmark(session.pane);
}
