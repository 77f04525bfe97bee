import type { Session } from "../domain/agent.ts";
import { type Dialog, findOption, sameDialog } from "../domain/dialog.ts";
import { AppError } from "../domain/errors.ts";
import type { Frame, Key } from "../ports/terminal.ts";
import { guardOf } from "./composer.ts";
import { asWriter } from "./lease.ts";
import { type Observation, observe, type TeamTools } from "./observe-agent.ts";
import { dialogOf, type OpenDialog } from "./open-dialog.ts";
import { witnessOne } from "./reach-agent.ts";
import { WHY } from "./write-for-person.ts";

export interface AnswerTools extends TeamTools {
  pause: (ms: number) => Promise<void>;
}

export interface Answered {
  dialog: Dialog;
  /** The option that was chosen, as it was shown. */
  label: string;
}

const WRITER_MS = 40_000;
const POLL_MS = 40;
/** Claude Code 2.1.329 drops Enter, and no arrow, in the first 200 ms of a dialog. */
const YOUNG_MS = 400;
/** A program that is held up reads a key this late. */
const READ_MS = 15_000;
const GONE_MS = 3_000;
const ENTERS = 3;

/**
 * Chooses an option of the dialog that is open: moves the marker to it, looks again, and presses
 * Enter only when exactly this dialog stands there with exactly this option marked, and no key of
 * ours is on its way. Throws `refused` when no dialog is open, another one has come, or the pane may
 * not be written to; `not_found` for an option that is not there; `timeout` when the program does
 * not show what a key did, which may still come. `kind`: refuse any other kind of dialog; `never`:
 * refuse this one.
 */
export async function answerDialog(
  tools: AnswerTools,
  session: Session,
  choice: string,
  kind?: Dialog["kind"],
  never?: Dialog["kind"],
): Promise<Answered> {
  const { store } = tools;
  return asWriter(tools, session, WRITER_MS, async () => {
    const seen = await witnessOne(tools, session);
    const dialog = openDialog(seen);
    if (kind !== undefined && dialog.kind !== kind) {
      throw new AppError("refused", `the dialog is one of ${dialog.kind}, not of ${kind}`);
    }
    if (never !== undefined && dialog.kind === never) {
      const message = `a dialog of ${never} is answered by the person alone`;
      throw new AppError("refused", message, "tell them: ov mail send --to orchestrator");
    }
    const target = findOption(dialog, choice);
    const { label } = dialog.options[target]!;
    await choose(tools, seen, dialog, target);
    const data = { dialog: dialog.kind, question: dialog.question, option: label };
    store.events.add("dialog.answered", { agent: session.agent, data });
    return { dialog, label };
  });
}

/** What is open there, without a key. Throws `refused` where nothing is. */
export async function lookAtDialog(tools: TeamTools, session: Session): Promise<OpenDialog> {
  const seen = await observe(tools, session);
  const dialog = dialogOf(seen);
  if (dialog) return dialog;
  throw noDialog(seen);
}

const noDialog = ({ session, state }: Observation) =>
  new AppError(
    "refused",
    `no dialog is open at ${session.agent}`,
    `it is ${state.state}: ${state.detail}`,
  );

function openDialog(seen: Observation): Dialog {
  const { session, reading } = seen;
  const dialog = reading?.dialog;
  if (!dialog) throw noDialog(seen);
  if (dialog.options.length === 0) {
    const hint = `answer it yourself: ov attach ${session.agent}`;
    throw new AppError("not_found", `this dialog shows no options: ${dialog.question}`, hint);
  }
  return dialog;
}

/**
 * Enter may be dropped, or not be read yet. Keys are read in their order: when the marker has moved
 * since, the Enter before it is past, and only then is it pressed again.
 */
async function choose(tools: AnswerTools, seen: Observation, dialog: Dialog, target: number) {
  await tools.pause(YOUNG_MS);
  let entered = false;
  for (let tries = 0; tries < ENTERS; tries++) {
    if (entered && !(await moveTo(tools, seen, dialog, target === 0 ? 1 : target - 1))) return;
    const at = await moveTo(tools, seen, dialog, target);
    if (!at && entered) return;
    if (!at) {
      const message = "the dialog has changed meanwhile; nothing was chosen";
      throw new AppError("refused", message, `ov peek ${seen.session.agent}`);
    }
    entered = await press(tools, seen, "Enter", at);
    if (!entered) continue;
    if (await until(tools, seen, GONE_MS, (now) => !now || !sameDialog(now, dialog))) return;
    if (dialog.options.length === 1) break;
  }
  throw new AppError("timeout", "the dialog stays open", `ov peek ${seen.session.agent}`);
}

/**
 * The frame in which this dialog stands with this option marked; undefined when it has gone. One key
 * at a time, each behind the guard. None is pressed while one has not shown what it did: the marker
 * of Claude Code goes round, so one too many would mark another option at the moment of Enter.
 */
async function moveTo(
  tools: AnswerTools,
  seen: Observation,
  dialog: Dialog,
  target: number,
): Promise<Frame | undefined> {
  for (let presses = 0; presses <= 2 * dialog.options.length; presses++) {
    const { now, frame } = await look(tools, seen);
    if (!frame || !now || !sameDialog(now, dialog)) return undefined;
    const at = selectedOf(now);
    if (at === target) return frame;
    const [back, on] = dialog.inRow ? (["Left", "Right"] as const) : (["Up", "Down"] as const);
    if (!(await press(tools, seen, target > at ? on : back, frame))) continue;
    if (!(await until(tools, seen, READ_MS, (next) => !next || selectedOf(next) !== at))) break;
  }
  throw unread(seen.session.agent);
}

const unread = (agent: string) =>
  new AppError("timeout", `${agent} does not show what a key did`, `ov peek ${agent}`);

const selectedOf = (dialog: Dialog) => dialog.options.findIndex(({ selected }) => selected);

/**
 * False when the screen is no longer as it was in this frame: to be looked at again. While a key
 * has not been read, it waits.
 */
async function press(
  tools: AnswerTools,
  { session, runtime }: Observation,
  key: Key,
  frame: Frame,
): Promise<boolean> {
  const guard = guardOf(runtime, frame);
  const deadline = tools.now() + READ_MS;
  for (;;) {
    const pressed = await tools.terminal.press(session.pane, key, guard);
    if (pressed.ok) return true;
    if (pressed.refusal === "screen_changed") return false;
    if (pressed.refusal !== "input_unread") {
      const message = `the key was not pressed: ${WHY[pressed.refusal]}`;
      throw new AppError("refused", message, `ov peek ${session.agent}`);
    }
    if (tools.now() >= deadline) throw unread(session.agent);
    await tools.pause(POLL_MS);
  }
}

async function look({ terminal }: AnswerTools, { session, runtime }: Observation) {
  const frame = (await terminal.look([session.pane]))[0]?.frame;
  return { frame, now: frame && runtime.read(frame).dialog };
}

async function until(
  tools: AnswerTools,
  seen: Observation,
  ms: number,
  test: (dialog: Dialog | undefined) => boolean,
): Promise<boolean> {
  const deadline = tools.now() + ms;
  while (!test((await look(tools, seen)).now)) {
    if (tools.now() >= deadline) return false;
    await tools.pause(POLL_MS);
  }
  return true;
}
