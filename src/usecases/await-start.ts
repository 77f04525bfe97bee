import type { Session } from "../domain/agent.ts";
import { type Dialog, sameDialog } from "../domain/dialog.ts";
import { AppError } from "../domain/errors.ts";
import { openDialog, type Start } from "../domain/start.ts";
import { plainLines } from "../domain/text.ts";
import { type AnswerTools, answerDialog } from "./answer-dialog.ts";
import type { Observation } from "./observe-agent.ts";
import { witnessOne } from "./reach-agent.ts";

/** Every start is waited for so long, and three times as long as it was measured to take. */
const LEAST_MS = 10_000;
const TIMES = 3;
const POLL_MS = 100;
/** A dialog that has stood for so many looks is no passing frame. */
const LOOKS = 3;
/** The launch script writes the exit code down in this time after the program has ended. */
const CODE_MS = 2_000;
const LAST_LINES = 10;

/** The option that the settings choose at a dialog of a kind, by its label. */
export type Answers = Readonly<Partial<Record<string, string>>>;

export interface Awaited {
  start: Start;
  /** The options that were chosen, as they were shown, in order. */
  chosen: string[];
}

/**
 * Waits until a program that was just started, or adopted, can work: it has taken its first prompt,
 * or shows that it is idle or at work. Dialogs on the way are answered as `answers` says, by the
 * name of the option, and never by a blind Enter; any other is left for a person. An end of the
 * program before its first prompt is a start that failed. Changes nothing else.
 */
export async function awaitStart(
  tools: AnswerTools,
  session: Session,
  answers: Answers,
): Promise<Awaited> {
  const { startMs } = tools.runtimes.get(session.runtime)!;
  const limit = Math.max(LEAST_MS, TIMES * startMs);
  const chosen: string[] = [];
  let deadline = tools.now() + limit;
  let left: string | undefined;
  let isFinal = false;
  let stands: { dialog: Dialog | undefined; looks: number } = { dialog: undefined, looks: 0 };
  for (;;) {
    const seen = await witnessOne(tools, session);
    const { state, detail } = seen.state;
    if (hasPrompt(seen)) return { start: { is: "up", detail }, chosen };
    if (state === "exited" || state === "dead") return { start: await ended(tools, seen), chosen };
    const isOver = tools.now() >= deadline;
    const dialog = seen.reading?.dialog;
    const answer = dialog && !isFinal && !isOver ? answers[dialog.kind] : undefined;
    if (state === "waiting" && dialog && answer !== undefined) {
      const tried = await tryAnswer(tools, session, answer, dialog.kind);
      if (tried.chosen !== undefined) {
        chosen.push(tried.chosen);
        deadline = tools.now() + limit;
      }
      left = tried.left;
      isFinal = tried.isFinal ?? false;
    } else if (state === "waiting") {
      const looks = same(stands.dialog, dialog) ? stands.looks + 1 : 1;
      stands = { dialog, looks };
      const words = openDialog(session.agent, dialog?.question ?? detail, dialog);
      if (looks >= LOOKS) return { start: { is: "dialog", dialog: words, left }, chosen };
    } else if (state !== "starting" && state !== "unknown") {
      return { start: { is: "up", detail }, chosen };
    } else {
      if (isOver) return { start: { is: "not_ready", detail: `${state}: ${detail}` }, chosen };
      stands = { dialog: undefined, looks: 0 };
    }
    await tools.pause(POLL_MS);
  }
}

/** By a hook of ours that ran after the start: what comes after it is no start any more. */
function hasPrompt({ hooked, facts, session }: Observation): boolean {
  const hook = facts.find(({ source }) => source === "hook");
  return hooked && !session.adopted && (hook?.state === "busy" || hook?.state === "idle");
}

const same = (a: Dialog | undefined, b: Dialog | undefined): boolean =>
  a === undefined || b === undefined ? a === b : sameDialog(a, b);

async function tryAnswer(
  tools: AnswerTools,
  session: Session,
  answer: string,
  kind: Dialog["kind"],
): Promise<{ chosen?: string; left?: string; isFinal?: boolean }> {
  try {
    return { chosen: (await answerDialog(tools, session, answer, kind)).label };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // What was refused did nothing and is tried again; after any other a key may still come.
    return { left: error.message, isFinal: error.kind !== "refused" };
  }
}

/** With the last lines of its screen, once the exit code is known. */
async function ended(tools: AnswerTools, seen: Observation): Promise<Start> {
  const { session } = seen;
  const until = tools.now() + CODE_MS;
  const code = () => tools.launcher.process(session).exitCode;
  while (seen.frame && code() === undefined && tools.now() < until) await tools.pause(POLL_MS);
  const frame = (await tools.terminal.look([session.pane]))[0]?.frame;
  const shown = plainLines(frame?.lines ?? []).filter((line) => !line.startsWith("[ov] "));
  const lines = shown.slice(-LAST_LINES);
  const known = code();
  const detail = known === undefined ? seen.state.detail : `its program ended with ${known}`;
  return { is: "ended", detail, lines };
}
