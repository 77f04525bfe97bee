import type { Session } from "../domain/agent.ts";
import { AppError, nearest } from "../domain/errors.ts";
import { cleanHeader } from "../domain/text.ts";
import { type ComposerTools, guardOf, submit, until, VISIBLE_MS } from "./composer.ts";
import { asWriter } from "./lease.ts";
import type { Observation } from "./observe-agent.ts";
import { witnessOne } from "./reach-agent.ts";
import { count, refusedKey, wholeScreen } from "./write-for-person.ts";

export interface Commanded {
  /** As it was typed. */
  command: string;
  /** What shows that the program took it. */
  proof: string;
}

const WRITER_MS = 60_000;
const TAKEN_MS = 20_000;
const POLL_MS = 40;

/**
 * Types a runtime's own command for a person, into an idle agent's empty composer only, and
 * returns once the program shows that it took it. Throws `refused` with the reason where it may not
 * be typed, `not_found` for a command that its runtime does not prove, `timeout` where nothing shows
 * that it was taken.
 */
export async function commandAgent(
  tools: ComposerTools,
  session: Session,
  words: string,
): Promise<Commanded> {
  const { store } = tools;
  const command = cleanHeader(words);
  return asWriter(tools, session, WRITER_MS, async () => {
    const seen = await witnessOne(tools, session);
    const shows = provedBy(seen, command);
    expectEmpty(seen);
    const proof = await type(tools, seen, command, shows);
    store.events.add("agent.commanded", { agent: session.agent, data: { command, proof } });
    return { command, proof };
  });
}

function provedBy({ runtime }: Observation, command: string): RegExp {
  const known = runtime.ownCommands ?? {};
  const name = command.split(" ")[0] ?? "";
  const shows = Object.hasOwn(known, name) ? known[name] : undefined;
  if (shows) return shows;
  const names = Object.keys(known);
  const near = nearest(name, names);
  const list = names.length > 0 ? `known: ${names.join(", ")}` : "none is known";
  throw new AppError(
    "not_found",
    `"${name}" is no command of ${runtime.name} that can be proved`,
    near ? `did you mean "${near}"? ${list}` : list,
  );
}

function expectEmpty({ session, state, reading, frame }: Observation): void {
  const { agent } = session;
  const refuse = (why: string, hint: string) =>
    new AppError("refused", `nothing was typed into ${agent}: ${why}`, hint);
  const peek = `look: ov peek ${agent}`;
  if (frame?.inMode) throw refuse("its pane is in copy mode", peek);
  if (state.state === "waiting" || reading?.focus === "dialog") {
    throw refuse("a dialog is open", `choose an option: ov answer ${agent}`);
  }
  if (reading && reading.draft !== "") throw refuse("a draft stands in its composer", peek);
  const isCalm = state.state === "idle" || (state.state === "error" && !reading?.busy);
  if (!isCalm || reading?.focus !== "composer" || !frame) {
    throw refuse(`it is ${state.state}: ${state.detail}`, `wait for it: ov when ${agent} idle`);
  }
}

async function type(
  tools: ComposerTools,
  seen: Observation,
  command: string,
  shows: RegExp,
): Promise<string> {
  const { session, runtime, frame, reading } = seen;
  const before = count(await wholeScreen(tools, seen), shows);
  const guard = guardOf(runtime, frame!, reading);
  const pasted = await tools.terminal.paste(session.pane, command, guard);
  if (!pasted.ok) throw refusedKey(seen, pasted.refusal);
  const same = (draft: string) => draft.replace(/\s+/g, " ").trim() === command;
  const stuck = (what: string) =>
    new AppError(
      "timeout",
      `${command} was typed into ${session.agent}, but ${what}`,
      `look: ov peek ${session.agent}`,
    );
  if (!(await until(tools, seen, VISIBLE_MS, same))) throw stuck("is not seen in its composer");
  await tools.pause(runtime.settleMs);
  const left = (draft: string) => !same(draft);
  const { woken } = await submit(tools, seen, guard, { stands: same, left });
  const proof = await taken(tools, seen, shows, before);
  if (proof !== undefined) return proof;
  throw stuck(woken ? "nothing shows that it was taken" : "it still stands in its composer");
}

/** What the program shows of it: the line, or that its conversation is being shortened. */
async function taken(
  tools: ComposerTools,
  seen: Observation,
  shows: RegExp,
  before: number,
): Promise<string | undefined> {
  const deadline = tools.now() + TAKEN_MS;
  for (;;) {
    const frame = (await tools.terminal.look([seen.session.pane]))[0]?.frame;
    if (frame && seen.runtime.read(frame).compacting) return "it is compacting";
    const lines = await wholeScreen(tools, seen);
    if (count(lines, shows) > before) return lines.findLast((line) => shows.test(line))!.trim();
    if (tools.now() >= deadline) return undefined;
    await tools.pause(POLL_MS);
  }
}
