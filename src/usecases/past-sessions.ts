import type { Session } from "../domain/agent.ts";
import { AppError } from "../domain/errors.ts";
import type { Program, Question } from "../ports/runtime.ts";
import type { Store } from "../ports/store.ts";
import type { TeamTools } from "./observe-agent.ts";
import { unknownAgent } from "./save-checkpoint.ts";

export interface PastTools extends TeamTools {
  programOf: (runtime: string) => Program;
  /** Runs a command line in a folder, without a terminal; throws `refused` when it fails. */
  runIn: (cwd: string, question: Question) => Promise<string>;
  root: string;
}

/** Every session of an agent, oldest first. */
export function pastSessions(store: Store, name: string): Session[] {
  if (!store.agents.get(name)) throw unknownAgent(store, name);
  return store.sessions.all(name);
}

/**
 * Asks a session's conversation a question in a fork of it, so that neither it nor the agent knows.
 * `generation`: which one, default the newest that can answer.
 */
export async function askPast(
  tools: PastTools,
  name: string,
  text: string,
  generation: number | undefined,
): Promise<{ session: Session; answer: string }> {
  const all = pastSessions(tools.store, name);
  const able = all.filter((session) => canAnswer(tools, session));
  const session =
    generation === undefined ? able.at(-1) : able.find((one) => one.generation === generation);
  if (!session) {
    const which = generation === undefined ? "no session" : `session ${generation}`;
    const known = able.map((one) => one.generation).join(", ") || "none";
    const message = `${which} of ${name} ${generation === undefined ? "can" : "cannot"} be asked`;
    throw new AppError("refused", message, `those that can: ${known}; see ov inspect ${name}`);
  }
  const runtime = tools.runtimes.get(session.runtime)!;
  const question = runtime.question!(session, text, tools.programOf(session.runtime));
  const worktree = tools.store.agents.get(name)?.worktree ?? tools.root;
  return { session, answer: await tools.runIn(worktree, question) };
}

function canAnswer({ runtimes }: PastTools, session: Session): boolean {
  const runtime = runtimes.get(session.runtime);
  return (
    session.runtimeSession !== null &&
    runtime?.question !== undefined &&
    runtime.resumes?.(session) === true
  );
}
