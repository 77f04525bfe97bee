import type { Agent, PaneRef, Session } from "../domain/agent.ts";
import { AppError, unknownWord } from "../domain/errors.ts";
import { checkName } from "../domain/name.ts";
import type { Foreground, Program } from "../ports/launcher.ts";
import type { Runtime } from "../ports/runtime.ts";
import type { FoundPane } from "../ports/terminal.ts";
import { alone } from "./alone.ts";
import { type Observation, observe, reap, type TeamTools } from "./observe-agent.ts";
import { witnessOne } from "./reach-agent.ts";
import { letGo } from "./release-agent.ts";

export interface AdoptInput {
  name: string;
  /** A runtime's name, or `auto`: the one whose program it is. */
  runtime: string;
  role: string;
  parent: string;
  depth: number;
  socket: string;
  pane: string;
}

export interface AdoptTools extends TeamTools {
  newId: (prefix: string) => string;
  foreground: Foreground;
  /** This process, which may itself be what runs in the pane. */
  self: number;
}

export interface AdoptedAgent {
  agent: Agent;
  seen: Observation;
  program: Program;
}

/**
 * Makes an agent of a program that a person started in a pane of any tmux server. Nothing of the
 * program's is changed; the pane gets our mark. Throws `refused` or `not_found`, with what was
 * found, for a pane without a known program, one that is dead or an agent's, or a name in use.
 */
export async function adoptAgent(tools: AdoptTools, input: AdoptInput): Promise<AdoptedAgent> {
  const name = checkName(input.name);
  checkName(input.role, "capability");
  return alone(tools, name, async () => {
    await refuseName(tools, name);
    const pane = await findPane(tools, input);
    const { runtime, program } = await findProgram(tools, input, pane);
    const session = await begin(tools, input, pane, { runtime, program });
    return { agent: tools.store.agents.get(name)!, seen: await observe(tools, session), program };
  });
}

/** A name whose session has ended is free again; one with a worktree is kept for its own work. */
async function refuseName(tools: AdoptTools, name: string): Promise<void> {
  const agent = tools.store.agents.get(name);
  if (agent?.branch) {
    const hint = `choose another --name, or go on with it: ov sling ${agent.task} --name ${name} --recover`;
    throw new AppError("refused", `${name} is in use: it has the branch ${agent.branch}`, hint);
  }
  const session = tools.store.sessions.liveOf(name);
  if (!session) return;
  const seen = await witnessOne(tools, session);
  if (reap(tools, seen)) return;
  if (session.adopted && seen.state.state === "exited" && seen.ending) {
    return letGo(tools, session, seen.ending);
  }
  const hint = `choose another --name, or: ov ${session.adopted ? "release" : "stop"} ${name}`;
  throw new AppError("refused", `${name} is in use: it is ${seen.state.state}`, hint);
}

async function findPane({ terminal, store }: AdoptTools, input: AdoptInput): Promise<FoundPane> {
  const { socket, pane: id } = input;
  const pane = await terminal.find(socket, id);
  if (!pane) {
    const flag = socket.includes("/") ? "-S" : "-L";
    const hint = `list them: tmux ${flag} ${socket} list-panes -a; name another server with --socket`;
    throw new AppError("not_found", `there is no pane ${id} on the tmux server ${socket}`, hint);
  }
  if (pane.dead) throw new AppError("refused", `pane ${id} is dead`, "its program has ended");
  if (pane.mark === "") return pane;
  const owner = store.sessions.get(pane.mark);
  if (owner?.endedAt !== null && owner !== undefined) return pane;
  if (owner) throw new AppError("refused", `pane ${id} is ${owner.agent}'s already`, "ov status");
  const hint =
    "release it there; if that project is gone: tmux set-option -p -u -t <pane> @ov_session";
  throw new AppError("refused", `pane ${id} is an agent's of another project`, hint);
}

async function findProgram(
  { runtimes, foreground, self }: AdoptTools,
  { runtime: wanted }: AdoptInput,
  pane: FoundPane,
): Promise<{ runtime: Runtime; program: Program }> {
  const named = runtimes.get(wanted);
  if (!named && wanted !== "auto") {
    throw unknownWord("runtime", wanted, ["auto", ...runtimes.keys()]);
  }
  const programs = await foreground(pane.tty);
  const known = `known runtimes: ${[...runtimes.keys()].join(", ")}; another program: docs/adopt.md`;
  if (programs.some(({ pid }) => pid === self)) {
    const message = `nothing runs in ${pane.pane} but this command: there is nothing to adopt`;
    throw new AppError("refused", message, "from another pane: ov adopt %N --name <name>");
  }
  for (const runtime of named ? [named] : runtimes.values()) {
    const program = programs.find(({ argv }) => runtime.isProgram(argv));
    if (!program) continue;
    if (runtime.commands.includes(pane.command)) return { runtime, program };
    const message = `${runtime.name} runs in ${pane.pane} behind "${pane.command}"`;
    throw new AppError("refused", message, `start it as ${runtime.commands.join(" or ")} itself`);
  }
  const found = programs.map(({ argv }) => argv.join(" ")).join("; ") || pane.command;
  const what = named ? `not ${named.name}` : "no agent that is known";
  throw new AppError("refused", `what runs in ${pane.pane} is ${what}: ${found}`, known);
}

/** The session first, then the mark: a mark without a session would belong to nobody. */
async function begin(
  tools: AdoptTools,
  { name, role, parent, depth }: AdoptInput,
  pane: FoundPane,
  { runtime, program }: { runtime: Runtime; program: Program },
): Promise<Session> {
  const { store, launcher, terminal, now } = tools;
  store.agents.put({ name, kind: "local", role, parent, depth });
  store.agents.update(name, { runtime: runtime.name, worktree: null });
  const id = tools.newId("session");
  const generation = store.sessions.nextGeneration(name);
  const { socket, panePid, serverPid, serverStart, serverBorn } = pane;
  const server = { socket, serverPid, serverStart, serverBorn };
  const ref: PaneRef = { ...server, pane: pane.pane, panePid, mark: id };
  const session: Session = {
    id,
    agent: name,
    generation,
    runtime: runtime.name,
    pane: ref,
    dir: launcher.makeDir(name, generation),
    adopted: true,
    runtimeSession: null,
    transcript: null,
    startedAt: now(),
    endedAt: null,
    ending: null,
    closed: false,
  };
  launcher.remember(session, program.pid);
  store.sessions.start(session);
  if (!(await terminal.mark(ref, pane.mark))) {
    store.sessions.end(id, { kind: "asked", detail: "not adopted" });
    throw new AppError("refused", `pane ${pane.pane} has changed meanwhile`, "try again");
  }
  launcher.announce(session, program.pid);
  store.mail.unhold(name);
  return session;
}
