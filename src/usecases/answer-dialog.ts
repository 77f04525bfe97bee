import type { Session } from "../domain/agent.ts";
import { type Dialog, findOption, sameDialog } from "../domain/dialog.ts";
import { AppError } from "../domain/errors.ts";
import type { Frame, Key, Refusal } from "../ports/terminal.ts";
import { cursorOf } from "./composer.ts";
import { type Observation, observe, type TeamTools } from "./observe-agent.ts";

export interface AnswerTools extends TeamTools {
  owner: string;
  pause: (ms: number) => Promise<void>;
}

export interface Answered {
  dialog: Dialog;
  /** The option that was chosen, as it was shown. */
  label: string;
}

const WRITER_MS = 20_000;
const POLL_MS = 40;
const MOVED_MS = 1_500;
const GONE_MS = 1_500;
const ENTERS = 3;

const WHY: Record<Exclude<Refusal, "screen_changed">, string> = {
  pane_gone: "its pane is gone",
  pane_mode: "its pane is in copy mode",
  input_off: "input to its pane is switched off",
  panes_synchronized: "its window's panes are synchronized",
  not_the_agent: "another program has the pane",
};

/**
 * Chooses an option of the dialog that is open: moves the marker to it, looks again, and presses
 * Enter only when exactly this dialog stands there with exactly this option marked. Throws
 * `refused` when no dialog is open, another one has come, or the pane may not be written to.
 * `kind`: refuse any other kind of dialog.
 */
export async function answerDialog(
  tools: AnswerTools,
  session: Session,
  choice: string,
  kind?: Dialog["kind"],
): Promise<Answered> {
  const { store, owner, now } = tools;
  const lease = `pane:${session.id}`;
  if (!store.leases.take(lease, owner, now() + WRITER_MS)) {
    throw new AppError("refused", `${session.agent} is being written to`, "try again");
  }
  try {
    const seen = await observe(tools, session);
    const dialog = openDialog(seen);
    if (kind !== undefined && dialog.kind !== kind) {
      throw new AppError("refused", `the dialog is one of ${dialog.kind}, not of ${kind}`);
    }
    const target = findOption(dialog, choice);
    const { label } = dialog.options[target]!;
    await choose(tools, seen, dialog, target);
    const data = { dialog: dialog.kind, question: dialog.question, option: label };
    store.events.add("dialog.answered", { agent: session.agent, data });
    return { dialog, label };
  } finally {
    store.leases.release(lease, owner);
  }
}

function openDialog({ session, reading, state }: Observation): Dialog {
  const dialog = reading?.dialog;
  if (!dialog) {
    const hint = `it is ${state.state}: ${state.detail}`;
    throw new AppError("refused", `no dialog is open at ${session.agent}`, hint);
  }
  if (dialog.options.length === 0) {
    const hint = `answer it yourself: ov attach ${session.agent}`;
    throw new AppError("refused", `this dialog shows no options: ${dialog.question}`, hint);
  }
  return dialog;
}

/** A dialog may swallow a key that comes too soon, so Enter may be pressed again after a look. */
async function choose(tools: AnswerTools, seen: Observation, dialog: Dialog, target: number) {
  for (let presses = 0; presses < ENTERS; presses++) {
    const at = await moveTo(tools, seen, dialog, target);
    if (!(await press(tools, seen, "Enter", at))) continue;
    if (await until(tools, seen, GONE_MS, (now) => !now || !sameDialog(now, dialog))) return;
  }
  throw new AppError("refused", "the dialog stays open", `ov peek ${seen.session.agent}`);
}

/** One key at a time, each behind the guard and a look that shows what it did. */
async function moveTo(
  tools: AnswerTools,
  seen: Observation,
  dialog: Dialog,
  target: number,
): Promise<Frame> {
  for (let presses = 0; presses <= 2 * dialog.options.length; presses++) {
    const { now, frame } = await look(tools, seen);
    if (!frame || !now || !sameDialog(now, dialog)) break;
    const at = selectedOf(now);
    if (at === target) return frame;
    const [back, on] = dialog.inRow ? (["Left", "Right"] as const) : (["Up", "Down"] as const);
    if (!(await press(tools, seen, target > at ? on : back, frame))) continue;
    await until(tools, seen, MOVED_MS, (next) => !next || selectedOf(next) !== at);
  }
  throw new AppError("refused", "the dialog has changed meanwhile; nothing was chosen", "ov peek");
}

const selectedOf = (dialog: Dialog) => dialog.options.findIndex(({ selected }) => selected);

/** False when the screen is no longer as it was in this frame: to be looked at again. */
async function press(
  tools: AnswerTools,
  { session, runtime }: Observation,
  key: Key,
  frame: Frame,
): Promise<boolean> {
  const guard = {
    commands: runtime.commands,
    leaveMode: false,
    cursor: cursorOf(frame, undefined),
  };
  const pressed = await tools.terminal.press(session.pane, key, guard);
  if (pressed.ok) return true;
  if (pressed.refusal === "screen_changed") return false;
  const message = `nothing was chosen: ${WHY[pressed.refusal]}`;
  throw new AppError("refused", message, `ov peek ${session.agent}`);
}

async function look({ terminal }: AnswerTools, { session, runtime }: Observation) {
  const [frame] = await terminal.look([session.pane]);
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
