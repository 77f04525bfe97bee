import type { PaneRef, Session } from "../domain/agent.ts";
import { type Observation, reap, survey, type TeamTools } from "./observe-agent.ts";

/**
 * Looks at these sessions for a verb that writes: has back what cannot be reached, and keeps what
 * was learned of each program's own session. Reads call `survey`.
 */
export async function witness(
  tools: TeamTools,
  sessions: readonly Session[],
): Promise<Observation[]> {
  let seen = await survey(tools, sessions);
  const lost = seen.filter(({ unreached }) => unreached).map(({ session }) => session.pane);
  if (lost.length > 0 && (await haveBack(tools, lost))) seen = await survey(tools, sessions);
  for (const { session, runtimeSession, transcript } of seen) {
    // A transcript may be found later than its session.
    const isFound = transcript !== undefined && session.transcript === null;
    if (runtimeSession && (runtimeSession !== session.runtimeSession || isFound)) {
      tools.store.sessions.learn(session.id, { runtimeSession, transcript });
    }
  }
  return seen;
}

export const witnessOne = async (tools: TeamTools, session: Session): Promise<Observation> =>
  (await witness(tools, [session]))[0]!;

/** Has the servers of these panes make their sockets again, where they can; true when one did. */
export async function haveBack(
  { store, terminal }: Pick<TeamTools, "store" | "terminal">,
  panes: readonly PaneRef[],
): Promise<boolean> {
  const servers = new Map(panes.map((pane) => [`${pane.serverPid} ${pane.socket}`, pane]));
  let some = false;
  for (const pane of servers.values()) {
    if (!(await terminal.restore(pane))) continue;
    const data = { socket: pane.socket, server: pane.serverPid };
    store.events.add("tmux.socket_restored", { data });
    some = true;
  }
  return some;
}

/**
 * Ends every session whose pane is gone, by what is true now: a pane that a person has closed is
 * told from one that went with its server only while that server lives.
 */
export async function reapAll(tools: TeamTools): Promise<void> {
  for (const one of await witness(tools, tools.store.sessions.live())) reap(tools, one);
}
