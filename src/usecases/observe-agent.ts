import type { Session } from "../domain/agent.ts";
import { type Ending, endingByCode } from "../domain/ending.ts";
import {
  type DerivedState,
  deriveState,
  type Fact,
  quiet,
  type SessionFact,
  sinceOf,
} from "../domain/state.ts";
import type { HookMark, Launcher, ProcessFacts } from "../ports/launcher.ts";
import type { Proofs, Runtime, ScreenReading } from "../ports/runtime.ts";
import type { Frame, Look, Terminal, Unreached } from "../ports/terminal.ts";
import { isTaken } from "./alone.ts";
import { pendingHandoff } from "./handoff-record.ts";
import type { LeaseTools } from "./lease.ts";

export interface TeamTools extends Proofs, LeaseTools {
  terminal: Terminal;
  launcher: Launcher;
  runtimes: ReadonlyMap<string, Runtime>;
  env: Readonly<Record<string, string | undefined>>;
}

export interface Observation {
  session: Session;
  runtime: Runtime;
  state: DerivedState;
  /** Since when the state holds (Unix ms); null: not known. */
  since: number | null;
  /** How it ended, of a session whose program or pane has. */
  ending: Ending | undefined;
  facts: SessionFact[];
  frame: Frame | undefined;
  /** Why its pane cannot be looked at, where it may live. */
  unreached: Unreached | undefined;
  reading: ScreenReading | undefined;
  /** Hooks of ours bring it its letters; else they are typed. */
  hooked: boolean;
  /** When the last hook ran for the agent. */
  hookAt: number | undefined;
  runtimeSession: string | undefined;
  transcript: string | undefined;
}

export async function observe(tools: TeamTools, session: Session): Promise<Observation> {
  return (await survey(tools, [session]))[0]!;
}

/** Asks every source about these sessions, by one look at all panes of a server. Writes nothing. */
export async function survey(
  tools: TeamTools,
  sessions: readonly Session[],
): Promise<Observation[]> {
  // Before the look: a program whose pane is gone has ended, one that ends later is seen next time.
  const processes = sessions.map((session) => tools.launcher.process(session));
  const looks = await tools.terminal.look(sessions.map(({ pane }) => pane));
  return Promise.all(sessions.map((session, i) => weigh(tools, session, processes[i]!, looks[i]!)));
}

/** Derives the state of a session from all that is known. */
async function weigh(
  tools: TeamTools,
  session: Session,
  process: ProcessFacts,
  look: Look,
): Promise<Observation> {
  const { launcher, now } = tools;
  const { frame } = look;
  const unreached = look.unreached ?? orphaned(look, process, session);
  const runtime = tools.runtimes.get(session.runtime)!;
  const facts: Fact[] = [processFact(process, unreached ? undefined : look.gone, now())];
  if (unreached) facts.push(serverFact(unreached, now()));
  const own =
    process.alive && process.pid !== undefined
      ? await runtime.facts(session, { ...tools.env, ...launcher.kept(session) }, process.pid)
      : undefined;
  if (own) facts.push(...own.facts);
  const reading = frame && process.exitCode === undefined ? runtime.read(frame) : undefined;
  const pane = frame && paneFact(frame, now());
  if (pane) facts.push(pane);
  if (reading) facts.push(screenFact(reading, now()));
  const mark = launcher.hookMark(session.agent);
  const hooked = runtime.hooks !== undefined && (!session.adopted || mark?.session === session.id);
  facts.push(hooked ? hookFact(mark, session) : unhooked(runtime, now()));
  // A program that was found running has started.
  const state = deriveState(facts, session.adopted ? 0 : session.startedAt, now());
  const silence = quiet(state.state, facts, now());
  const isOver = state.by?.source === "process" && state.state !== "starting";
  const runtimeSession = own?.runtimeSession;
  return {
    session,
    runtime,
    state: { ...state, detail: silence ? `${state.detail}; ${silence}` : state.detail },
    since: isOver ? (process.endedAt ?? null) : sinceOf(state, facts),
    ending: isOver ? await endingOf(tools, session, look) : undefined,
    facts: facts.map((fact) => ({ ...fact, generation: session.generation })),
    frame,
    unreached,
    reading,
    hooked,
    hookAt: mark?.at,
    runtimeSession: runtimeSession ?? session.runtimeSession ?? undefined,
    transcript: own?.transcript ?? session.transcript ?? undefined,
  };
}

/** Of one that has ended. Somebody closes a pane; a server that goes takes all its panes with it. */
async function endingOf(
  { store, launcher }: TeamTools,
  session: Session,
  { frame, gone }: Look,
): Promise<Ending> {
  if (session.closed) return { kind: "asked", detail: "stopped" };
  const broken = pendingHandoff(store, session);
  // Whoever was handing it over has ended its program.
  if (broken && broken.reason !== "crash") return { kind: "handed_over", detail: broken.reason };
  if (session.adopted && frame) return { kind: "quit", detail: "its program has ended" };
  const { exitCode } = launcher.process(session);
  const code = exitCode ?? (frame && (await launcher.exitCode(session)));
  if (code !== undefined) return endingByCode(code);
  if (frame) return { kind: "crashed", detail: "its program was killed" };
  return gone === "pane"
    ? { kind: "quit", detail: "its pane was closed" }
    : { kind: "lost", detail: "its tmux server is gone" };
}

/**
 * A program that outlives its server has no pane any more, and works on. One whose folder is gone
 * has hooks that lead nowhere: nothing can be brought to it.
 */
function orphaned({ gone, frame }: Look, { alive, pid, isGone }: ProcessFacts, session: Session) {
  const { agent, dir } = session;
  if (frame && isGone) {
    const why = `its folder is gone, as when a project is moved: ${dir}`;
    return {
      why,
      fix: `end it, then bring it back: ov stop ${agent}, ov resume ${agent}`,
      mends: false,
    };
  }
  if (gone !== "server" || !alive) return undefined;
  const why = `its tmux server is gone, and its program, process ${pid}, lives`;
  return { why, fix: `end it: ov stop ${agent}`, mends: false };
}

const serverFact = ({ why, fix }: Unreached, at: number): Fact => ({
  source: "server",
  state: "unknown",
  detail: `${why} (${fix})`,
  at,
});

function processFact(process: ProcessFacts, gone: Look["gone"], at: number): Fact {
  const fact = (state: Fact["state"], detail: string, since = at): Fact => ({
    source: "process",
    state,
    detail,
    at: since,
  });
  if (gone !== undefined)
    return fact("dead", `its ${gone === "pane" ? "pane" : "tmux server"} is gone`);
  if (process.exitCode !== undefined)
    return fact("exited", `exit code ${process.exitCode}`, process.endedAt);
  if (process.pid === undefined) return fact("starting", "not started yet");
  // The pane is there, so its script is too, and writes the code in a moment.
  if (!process.alive) return fact("exited", `process ${process.pid} has ended`);
  return fact("unknown", `process ${process.pid} lives`);
}

/**
 * Every session that we start begins with a first prompt, so one that has taken none is starting,
 * whatever it says: Claude Code 2.1.329 writes `idle` for about 100 ms before its first prompt.
 */
function hookFact(mark: HookMark | undefined, session: Session): Fact {
  const isOther = mark?.session !== undefined && mark.session !== session.id;
  if (mark?.event === "SessionStart" && session.adopted) {
    return { source: "hook", state: "unknown", detail: "last hook SessionStart", at: mark.at };
  }
  if (!mark || isOther || mark.at < session.startedAt || mark.event === "SessionStart") {
    const detail = "its first prompt is not taken yet";
    return { source: "hook", state: "starting", detail, at: session.startedAt };
  }
  const state = mark.event === "Stop" ? "idle" : "busy";
  return { source: "hook", state, detail: `last hook ${mark.event}`, at: mark.at };
}

/** The door of a session without hooks of ours, by what is known: none has called from it yet. */
function unhooked(runtime: Runtime, at: number): Fact {
  const why = runtime.hooks ? "no hook of ours was seen" : "it has no hooks";
  return { source: "hook", state: "unknown", detail: `${why}: letters are typed`, at };
}

/** What keeps letters out of a pane, whatever the agent does. */
function paneFact(frame: Frame, at: number): Fact | undefined {
  const found = [
    frame.inMode && "in copy mode or the like",
    frame.inputOff && "its input is switched off",
    frame.synchronized && "synchronized with the panes beside it",
  ].filter((words) => words !== false);
  if (found.length === 0) return undefined;
  return { source: "pane", state: "unknown", detail: found.join(", "), at };
}

function screenFact(reading: ScreenReading, at: number): Fact {
  const state = screenState(reading);
  const draft = reading.draft === "" ? "" : ", a draft stands in its composer";
  return { source: "screen", state, detail: `${reading.detail}${draft}`, at };
}

function screenState(reading: ScreenReading): Fact["state"] {
  if (reading.focus === "dialog") return "waiting";
  if (reading.compacting) return "compacting";
  if (reading.busy) return "busy";
  if (reading.focus === "none") return "unknown";
  return reading.error ? "error" : "idle";
}

/**
 * Ends a session whose pane is gone, so that its letters do not wait for a ghost; false: it is not
 * gone, or somebody else is ending it just now, and says why when they are done.
 */
export function reap(tools: TeamTools, seen: Observation): boolean {
  const { state: fact, ending } = seen;
  if (ending === undefined || fact.state !== "dead") return false;
  if (isTaken(tools, seen.session.agent)) return false;
  tools.launcher.forget(seen.session);
  tools.launcher.letGo(seen.session);
  return tools.store.sessions.end(seen.session.id, ending);
}
