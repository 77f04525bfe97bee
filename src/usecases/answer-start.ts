import type { Session } from "../domain/agent.ts";
import { type AnswerTools, answerDialog } from "./answer-dialog.ts";
import { observe } from "./observe-agent.ts";

/** Slow programs show their first dialog this late (OpenCode 1.18.33 takes 14 s to start). */
const START_MS = 45_000;
const POLL_MS = 100;

/**
 * Answers the dialogs that stand before a new agent's first prompt, each kind only as `answers`
 * says, by the name of its option. Any other dialog is left for a person. Returns what was chosen,
 * in order, once the agent is past them or waits for a person.
 */
export async function answerStart(
  tools: AnswerTools,
  session: Session,
  answers: Readonly<Partial<Record<string, string>>>,
): Promise<string[]> {
  const chosen: string[] = [];
  const deadline = tools.now() + START_MS;
  while (tools.now() < deadline) {
    const { reading, state } = await observe(tools, session);
    const kind = reading?.dialog?.kind;
    const answer = kind === undefined ? undefined : answers[kind];
    if (kind !== undefined && answer !== undefined) {
      chosen.push((await answerDialog(tools, session, answer, kind)).label);
    } else if (state.state !== "starting" && state.state !== "unknown") {
      return chosen;
    }
    await tools.pause(POLL_MS);
  }
  return chosen;
}
