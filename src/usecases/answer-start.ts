import type { Session } from "../domain/agent.ts";
import { AppError } from "../domain/errors.ts";
import { type AnswerTools, answerDialog } from "./answer-dialog.ts";
import { observe } from "./observe-agent.ts";

/** Slow programs show their first dialog this late (OpenCode 1.18.33 takes 14 s to start). */
const START_MS = 45_000;
const POLL_MS = 100;

export interface StartAnswers {
  /** The options that were chosen, as they were shown, in order. */
  chosen: string[];
  /** Why a dialog that the config has an answer to is left for a person. */
  left?: string;
}

/**
 * Answers the dialogs that stand before a new agent's first prompt, each kind only as `answers`
 * says, by the name of its option. Any other dialog is left for a person, and so is one that cannot
 * be answered. Returns once the agent is past them or waits for a person.
 */
export async function answerStart(
  tools: AnswerTools,
  session: Session,
  answers: Readonly<Partial<Record<string, string>>>,
): Promise<StartAnswers> {
  const chosen: string[] = [];
  const deadline = tools.now() + START_MS;
  let left: string | undefined;
  while (tools.now() < deadline) {
    const { reading, state } = await observe(tools, session);
    const kind = reading?.dialog?.kind;
    const answer = kind === undefined ? undefined : answers[kind];
    if (kind !== undefined && answer !== undefined) {
      try {
        chosen.push((await answerDialog(tools, session, answer, kind)).label);
        left = undefined;
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        left = error.message;
        // What was refused did nothing; any other key may still come, and none is sent after it.
        if (error.kind !== "refused") break;
      }
    } else if (state.state !== "starting" && state.state !== "unknown") {
      return { chosen };
    }
    await tools.pause(POLL_MS);
  }
  return { chosen, ...(left === undefined ? {} : { left }) };
}
