import type { Session } from "../domain/agent.ts";
import { AppError, unknownWord } from "../domain/errors.ts";
import type { Context } from "./context.ts";

/** The running session of an agent, or an error that says what exists. */
export function liveSession(context: Context, name: string): Session {
  const { agents, sessions } = context.store;
  if (!agents.get(name)) {
    throw unknownWord(
      "agent",
      name,
      agents.list().map((agent) => agent.name),
    );
  }
  const session = sessions.liveOf(name);
  if (session) return session;
  const live = sessions.live().map(({ agent }) => agent);
  throw new AppError(
    "not_found",
    `${name} is not running`,
    `running: ${live.join(", ") || "nobody"}; start it with: ov sling`,
  );
}
