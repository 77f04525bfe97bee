import type { Session } from "../domain/agent.ts";
import type { Made, Start } from "../domain/start.ts";
import { alone } from "../usecases/alone.ts";
import { awaitStart } from "../usecases/await-start.ts";
import { takeBack } from "../usecases/take-back.ts";
import type { Context } from "./context.ts";

export interface Begun {
  session: Session;
  /** Undefined: nothing is taken back. */
  made?: Made | undefined;
}

/** How a start came out, and the options that the settings have chosen on the way. */
export interface Outcome {
  start: Start;
  chosen: string[];
  /** What stays of a start that failed, because somebody has worked there. */
  kept: string[];
}

/** Waits until a program is up. One that ended before that is taken back with all that it got. */
export async function outcomeOf(context: Context, { session, made }: Begun): Promise<Outcome> {
  const { runtimes } = await context.config();
  const answers = runtimes[session.runtime]?.answers ?? {};
  const { start, chosen } = await awaitStart(await context.wake(), session, answers);
  if (start.is !== "ended" || !made) return { start, chosen, kept: [] };
  const tools = await context.spawn();
  const { kept } = await alone(tools, made.agent, () => takeBack(tools, made));
  return { start, chosen, kept };
}

/** The same for `--json`. */
export function startData({ start, kept }: Outcome) {
  const dialog = start.is === "dialog" ? start.dialog : null;
  const left = start.is === "dialog" ? (start.left ?? null) : null;
  const end = start.is === "ended" ? { lines: start.lines, kept } : {};
  return { ready: start.is === "up", dialog, unanswered: left, ...end };
}
