import type { Session } from "../domain/agent.ts";
import type { Ending } from "../domain/ending.ts";
import { AppError, unknownWord } from "../domain/errors.ts";
import { asWriter } from "./lease.ts";
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
  const { store } = tools;
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
  return asWriter(tools, session, WRITER_MS, async () => {
    await letGo(tools, session, { kind: "asked", detail: "released" });
    return { waiting: store.mail.count(name).queued };
  });
}

/** Ends an adopted session. The mark goes last: a pane with the mark of an ended one is free. */
export async function letGo(tools: TeamTools, session: Session, ending: Ending): Promise<void> {
  tools.launcher.forget(session);
  tools.store.sessions.end(session.id, ending);
  await tools.terminal.unmark(session.pane);
}
