import type { Agent, PaneRef, Session } from "../domain/agent.ts";
import type { Ending } from "../domain/ending.ts";
import type { Surroundings } from "../domain/environment.ts";
import { AppError, unknownWord } from "../domain/errors.ts";
import type { Message } from "../domain/message.ts";
import { ORCHESTRATOR } from "../domain/name.ts";
import { ARGUMENT_BYTES, bytesOf, PROMPT_BYTES, promptInFile } from "../domain/prompt.ts";
import { accessOf } from "../domain/role.ts";
import type { Made } from "../domain/start.ts";
import { cleanBody, head } from "../domain/text.ts";
import type { McpLaunch, Runtime } from "../ports/runtime.ts";
import { checkProgram, type ProgramTools } from "./check-program.ts";
import { refuseSecond } from "./one-program.ts";
import { haveBack } from "./reach-agent.ts";
import { enterRun } from "./runs.ts";
import { NO_LIMITS } from "./send-mail.ts";
import type { TakeBackTools } from "./take-back.ts";

export interface AgentPlace {
  agent: string;
  task: string;
  worktree: string;
  /** Folders that come first on PATH. */
  path: readonly string[];
  /** Variables that belong to its program; see `Runtime.variables`. */
  variables: readonly string[];
}

export interface AgentEnv extends Pick<Surroundings, "kept" | "once"> {
  /** Ours, with PATH. */
  env: Record<string, string>;
}

export interface BeginTools extends TakeBackTools, ProgramTools {
  newId: (prefix: string) => string;
  socket: string;
  /** The agent's whole environment, beside what describes its terminal. */
  agentEnv: (place: AgentPlace) => AgentEnv;
  /** The project's own folder, which `ov` writes to. */
  home: string;
  hookCommand: (event: string, runtime: string) => string;
  /** Where the project's agents get our MCP server with their start. */
  mcp?: ((agent: string) => McpLaunch) | undefined;
}

export interface Beginning {
  agent: Agent;
  /** What the caller has written down of this start; its letter is added. */
  made: Made;
  runtime: string;
  rolePrompt: string;
  firstPrompt: string;
  command: string | undefined;
  args: readonly string[];
  /** The runtime's own conversation to go on with. */
  resume?: string | undefined;
  /** The ended session whose pane it takes, if that is still there, and how that one ended. */
  after?: { session: Session; ending: Ending } | undefined;
  /** It takes up what an earlier session of the agent left. */
  goesOn?: boolean;
  /** Runs in the transaction that makes the session the agent's own. */
  record?: (session: Session) => void;
}

/**
 * Starts an agent's next session in its worktree. The program runs only once the session is
 * stored: whoever is killed in this leaves no program that nobody knows, and no two of one agent.
 * The caller holds the agent's `spawn` lease. Throws `refused` when the agent has a live session.
 */
export async function beginSession(tools: BeginTools, input: Beginning): Promise<Session> {
  const { store, launcher, now } = tools;
  const { agent, after } = input;
  const runtime = tools.runtimes.get(input.runtime);
  if (!runtime) throw unknownWord("runtime", input.runtime, [...tools.runtimes.keys()]);
  checkStart(tools, agent, runtime, input.command);
  await refuseSecond(tools, [agent.name, after?.session.agent ?? agent.name]);
  // A new server at their path would take it from servers that have only lost their file.
  await haveBack(
    tools,
    store.sessions.live().map(({ pane }) => pane),
  );
  const { name, task, worktree } = { ...agent, task: agent.task ?? "", worktree: agent.worktree! };
  const generation = store.sessions.nextGeneration(name);
  const dir = launcher.makeDir(name, generation);
  const prompt = givenPrompt(input.firstPrompt, `${dir}/task`);
  const place = { agent: name, task, worktree, path: [], variables: runtime.variables ?? [] };
  const { kept, once } = tools.agentEnv(place);
  const plan = runtime.launch({
    agent: name,
    worktree,
    dir,
    rolePrompt: input.rolePrompt,
    ...prompt.given,
    resume: input.resume,
    access: accessOf(agent.role),
    hookCommand: (event) => tools.hookCommand(event, input.runtime),
    mcp: tools.mcp?.(name),
    writable: [tools.home],
    env: { ...kept, ...once },
    command: input.command,
    args: input.args,
  });
  checkArguments(plan.argv);
  const id = input.made.session;
  const { variable, key, hash } = launcher.makeKey();
  const script = launcher.write({
    dir,
    cwd: worktree,
    argv: plan.argv,
    env: {
      ...tools.agentEnv({ ...place, path: plan.path }).env,
      ...plan.env,
      OV_SESSION: id,
    },
    kept,
    // In no file that stays: another agent could read it there.
    once: { ...once, [variable]: key },
    files: [...plan.files, ...prompt.files],
    links: plan.links,
  });
  const startedAt = now();
  const pane = await placeOf(tools, name, { cwd: worktree, script, mark: id }, after?.session.pane);
  const known = { adopted: false, runtimeSession: null, transcript: null };
  const session = { id, agent: name, generation, runtime: input.runtime, pane, dir, startedAt };
  const begun: Session = { ...session, ...known, endedAt: null, ending: null, closed: false };
  try {
    store.notes.together(() => {
      enterRun(store, after !== undefined || input.goesOn === true);
      if (after) store.sessions.end(after.session.id, after.ending);
      store.sessions.start({ ...session, ...known, keyHash: hash });
      store.mail.unhold(name);
      if (plan.unsaid) {
        input.made.letter = sendFirst(tools, agent, plan.unsaid).id;
        store.starts.put(input.made, tools.owner);
      }
      input.record?.(begun);
    });
  } catch (error) {
    await tools.terminal.close(pane);
    throw error;
  }
  launcher.begin(dir);
  return begun;
}

/** What the start of a session in a place that is there makes. */
export const madeBy = (
  { store, launcher, socket, newId }: BeginTools,
  agent: string,
  prior: Made["prior"] = null,
): Made => ({
  agent,
  before: store.agents.get(agent) ?? null,
  session: newId("session"),
  socket,
  folders: launcher.folders(agent),
  ...{ worktree: null, branch: null, letter: null },
  prior: prior && { id: prior.id, endedAt: prior.endedAt, ending: prior.ending },
});

/** Throws `refused` where tmux, or the runtime's program on the PATH of the agent, is missing. */
export function checkStart(
  tools: BeginTools,
  { name, task, worktree }: Pick<Agent, "name" | "task" | "worktree">,
  runtime: Runtime,
  command: string | undefined,
): void {
  tools.terminal.checkProgram();
  const variables = runtime.variables ?? [];
  const place = { agent: name, task: task ?? "", worktree: worktree ?? "", path: [], variables };
  checkProgram(tools, runtime, command, tools.agentEnv(place).env.PATH ?? "");
}

/** A first prompt that is too long for an argument goes by a file in this folder. */
function givenPrompt(firstPrompt: string, folder: string) {
  if (bytesOf(firstPrompt) <= PROMPT_BYTES) return { given: { firstPrompt }, files: [] };
  const path = `${folder}/prompt.md`;
  const given = { firstPrompt: promptInFile(firstPrompt, path), readable: folder };
  return { given, files: [{ path, text: firstPrompt }] };
}

/** One argument may be too long also by what the role's prompt or the config says. */
function checkArguments(argv: readonly string[]): void {
  const long = argv.find((word) => bytesOf(word) > ARGUMENT_BYTES);
  if (long === undefined) return;
  const message = `an argument of the agent's program is too long: ${bytesOf(long)} bytes`;
  const hint = `the system takes ${ARGUMENT_BYTES}; shorten the role's prompt; it begins: ${head(long, 80)}`;
  throw new AppError("refused", message, hint);
}

/** The first prompt of a program that takes none as an argument goes the way of any letter. */
function sendFirst({ store }: BeginTools, { name, parent, task }: Agent, body: string): Message {
  const draft = {
    sender: parent ?? ORCHESTRATOR,
    address: name,
    type: "status" as const,
    subject: `Task ${task}`,
    body: cleanBody(body),
    payload: null,
    priority: "high" as const,
    wake: true,
  };
  return store.mail.send(draft, [name], NO_LIMITS);
}

/** The pane of the session before, or a new one. One that an ended session left is closed. */
async function placeOf(
  tools: BeginTools,
  window: string,
  spec: { cwd: string; script: string; mark: string },
  before: PaneRef | undefined,
): Promise<PaneRef> {
  const { store, terminal, socket } = tools;
  const same = before && (await terminal.reopen(before, { window, ...spec }));
  if (same) return same;
  terminal.check(socket);
  // One that cannot be reached is left without a program.
  if (before) await terminal.close(before);
  const other = await terminal.named(socket, window);
  // One with a mark that this store does not know is of another project, or of a store that is lost.
  const owner = other && store.sessions.get(other.mark);
  if (owner && owner.endedAt !== null) await terminal.close(other);
  return terminal.open({ socket, window, ...spec });
}
