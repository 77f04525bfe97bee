import type { Session } from "../domain/agent.ts";
import { AppError } from "../domain/errors.ts";
import { type ComposerTools, guardOf, look } from "./composer.ts";
import { asWriter } from "./lease.ts";
import { type Observation, observe } from "./observe-agent.ts";
import { witnessOne } from "./reach-agent.ts";
import { count, refusedKey, wholeScreen } from "./write-for-person.ts";

export interface Interrupted {
  /** False: it was at its prompt, and no key was pressed. */
  interrupted: boolean;
  /** What the program shows of it, or that it is idle. */
  proof: string;
  /** What its runtime does with an interrupted turn, where that is more than to end it. */
  note: string | undefined;
}

const WRITER_MS = 40_000;
const POLL_MS = 60;
/** How long a key may wait for a screen that stands still, or for a program that reads it. */
const PRESS_MS = 10_000;
const ENDED_MS = 15_000;

/**
 * Ends an agent's turn by Escape, for a person who asks for it. Pressed only while the agent is
 * seen to work, at a composer that holds no draft, with no dialog open, and never a second time
 * unless its runtime asks for two: at an idle prompt a second Escape opens other things. Throws
 * `refused` with the reason, and `timeout` where the turn is not seen to end.
 */
export async function interruptAgent(tools: ComposerTools, session: Session): Promise<Interrupted> {
  const { store } = tools;
  return asWriter(tools, session, WRITER_MS, async () => {
    const seen = await witnessOne(tools, session);
    const how = seen.runtime.interrupt;
    if (!how) {
      const hint = `interrupt it yourself: ov attach ${session.agent}`;
      throw new AppError("refused", `how ${session.runtime} is interrupted is not known`, hint);
    }
    if (!mayInterrupt(seen)) {
      return { interrupted: false, proof: seen.state.detail, note: undefined };
    }
    const before = count(await wholeScreen(tools, seen), how.shows);
    let pressed = 0;
    for (; pressed < how.presses; pressed++) {
      if (pressed > 0) await untilAsked(tools, seen, how.again);
      if (!(await pressEscape(tools, seen))) break;
    }
    const proof = await ended(tools, seen, how.shows, before);
    if (pressed === 0) return { interrupted: false, proof, note: undefined };
    store.events.add("agent.interrupted", { agent: session.agent, data: { proof } });
    return { interrupted: true, proof, note: how.note };
  });
}

/** False: it is idle. Throws `refused` where Escape would do something else than end a turn. */
function mayInterrupt({ session, state, reading, frame }: Observation): boolean {
  const { agent } = session;
  const refuse = (why: string, hint: string) => {
    throw new AppError("refused", `${agent} is not interrupted: ${why}`, hint);
  };
  if (!frame || state.state === "dead" || state.state === "exited") {
    return refuse(`it is ${state.state}: ${state.detail}`, "ov status");
  }
  if (reading?.focus === "dialog" || state.state === "waiting") {
    return refuse("Escape would answer its dialog", `choose an option: ov answer ${agent}`);
  }
  if (reading?.focus !== "composer") return refuse(state.detail, `look: ov peek ${agent}`);
  if (reading.draft !== "") {
    return refuse("a draft stands in its composer", `look: ov peek ${agent}`);
  }
  const works = reading.busy || reading.compacting || ["busy", "compacting"].includes(state.state);
  if (works || state.state === "idle" || state.state === "error") return works;
  return refuse(`it is ${state.state}: ${state.detail}`, `look: ov peek ${agent}`);
}

/** False: its turn has ended meanwhile, and no key was pressed. */
async function pressEscape(tools: ComposerTools, seen: Observation): Promise<boolean> {
  const { terminal, now, pause } = tools;
  const deadline = now() + PRESS_MS;
  for (;;) {
    const frame = (await terminal.look([seen.session.pane]))[0]?.frame;
    const reading = frame && seen.runtime.read(frame);
    const at = { ...seen, frame, reading };
    if (!mayInterrupt(at) || !frame || !(reading?.busy || reading?.compacting)) {
      // A turn may work without a sign on the screen, as before its first word.
      const again = await observe(tools, seen.session);
      if (!mayInterrupt(again)) return false;
    }
    const guard = guardOf(seen.runtime, frame!, reading);
    const pressed = await terminal.press(seen.session.pane, "Escape", guard);
    if (pressed.ok) return true;
    const canTry = pressed.refusal === "screen_changed" || pressed.refusal === "input_unread";
    if (!canTry || now() >= deadline) throw refusedKey(seen, pressed.refusal);
    await pause(POLL_MS);
  }
}

/** Until the program asks for the second Escape. */
async function untilAsked(tools: ComposerTools, seen: Observation, again: RegExp | undefined) {
  const deadline = tools.now() + ENDED_MS;
  while (again && count(await wholeScreen(tools, seen), again) === 0) {
    if (tools.now() >= deadline || !(await look(tools, seen))?.busy) return;
    await tools.pause(POLL_MS);
  }
}

/** What shows that the turn has ended: the program's own words, or that it is idle. */
async function ended(
  tools: ComposerTools,
  seen: Observation,
  shows: RegExp,
  before: number,
): Promise<string> {
  const deadline = tools.now() + ENDED_MS;
  for (;;) {
    const now = await observe(tools, seen.session);
    const lines = await wholeScreen(tools, seen);
    if (count(lines, shows) > before) return lines.findLast((line) => shows.test(line))!.trim();
    const isCalm = now.reading?.focus === "composer" && !now.reading.busy;
    if (isCalm && (now.state.state === "idle" || now.state.state === "error")) {
      return now.state.detail;
    }
    if (tools.now() >= deadline) {
      const message = `Escape was pressed, but the turn of ${seen.session.agent} is not seen to end`;
      throw new AppError("timeout", message, `look: ov peek ${seen.session.agent}`);
    }
    await tools.pause(POLL_MS);
  }
}
