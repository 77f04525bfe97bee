import type { Session } from "../domain/agent.ts";
import { isCrash } from "../domain/ending.ts";
import { pendingHandoff } from "./handoff-record.ts";
import { type Observation, observe, type TeamTools } from "./observe-agent.ts";

/** `over`: somebody ended it; `lost`: nobody did, and its work waits to be gone on with. */
export type Fate = "running" | "over" | "lost";

export interface Ending {
  fate: Fate;
  /** What was seen of it. */
  why: string;
}

/** By us; the work of one that was handed over is another agent's. */
const ON_PURPOSE = /^(stopped|released|handed over: .*)$/;

/**
 * How a session stands or how it ended. A program that was quit or asked to end, and a pane that
 * was closed while its tmux server lives, are somebody's doing; a failed program, and a server that
 * is gone with all its panes, are nobody's. `seen`: what a look has just shown of it.
 */
export async function fateOf(
  tools: TeamTools,
  session: Session,
  seen?: Observation,
): Promise<Ending> {
  if (ON_PURPOSE.test(session.endReason ?? "")) return { fate: "over", why: session.endReason! };
  if (session.endedAt === null) {
    const { state, detail } = (seen ?? (await observe(tools, session))).state;
    if (state !== "exited" && state !== "dead")
      return { fate: "running", why: `${state}: ${detail}` };
  }
  if (pendingHandoff(tools.store, session))
    return { fate: "lost", why: "its handoff was broken off" };
  const { exitCode } = tools.launcher.process(session);
  if (exitCode !== undefined) {
    return { fate: isCrash(exitCode) ? "lost" : "over", why: `exit code ${exitCode}` };
  }
  const [frame] = await tools.terminal.look([session.pane]);
  // The script behind the pane was killed before it could say.
  if (frame) return { fate: "lost", why: "its program was killed" };
  return (await tools.terminal.serves(session.pane))
    ? { fate: "over", why: "its pane was closed" }
    : { fate: "lost", why: "its tmux server is gone" };
}
