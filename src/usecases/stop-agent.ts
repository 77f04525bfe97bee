import { AppError, unknownWord } from "../domain/errors.ts";
import { alone } from "./alone.ts";
import type { TeamTools } from "./observe-agent.ts";

/** Ends an agent's program by pid, then its pane. Mail, worktree and branch stay. */
export async function stopAgent(tools: TeamTools, name: string): Promise<{ wasRunning: boolean }> {
  const { store, terminal, launcher } = tools;
  if (!store.agents.get(name)) {
    throw unknownWord(
      "agent",
      name,
      store.agents.list().map((agent) => agent.name),
    );
  }
  const session = store.sessions.liveOf(name);
  if (!session) return { wasRunning: false };
  if (session.adopted) {
    const hint = `let it go: ov release ${name}`;
    throw new AppError("refused", `${name} was adopted: its program is a person's`, hint);
  }
  // Nobody may take the program for lost while it ends.
  return alone(tools, name, async () => {
    if (!(await launcher.terminate(session))) {
      throw new AppError("refused", `the program of ${name} does not end`, "look: ov peek");
    }
    await terminal.close(session.pane);
    launcher.letGo(session);
    store.sessions.end(session.id, "stopped");
    return { wasRunning: true };
  });
}
