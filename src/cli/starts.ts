import type { Session } from "../domain/agent.ts";
import type { Start } from "../domain/start.ts";
import { type Awaited, awaitStart } from "../usecases/await-start.ts";
import type { Context } from "./context.ts";

/** Waits for several starts side by side, each with the answers of its runtime's settings. */
export async function awaitAll(context: Context, sessions: readonly Session[]): Promise<Awaited[]> {
  if (sessions.length === 0) return [];
  const [{ runtimes }, tools] = [await context.config(), await context.wake()];
  const answers = (name: string) => runtimes[name]?.answers ?? {};
  return Promise.all(
    sessions.map((session) => awaitStart(tools, session, answers(session.runtime))),
  );
}

/** How a start came out, for `--json`. */
export function startData(start: Start) {
  const dialog = start.is === "dialog" ? start.dialog : null;
  const left = start.is === "dialog" ? (start.left ?? null) : null;
  const ready = start.is === "up";
  return {
    ready,
    dialog,
    unanswered: left,
    ...(start.is === "ended" ? { lines: start.lines } : {}),
  };
}
