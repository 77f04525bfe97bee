import type { Agent, Session } from "../domain/agent.ts";
import { AppError, unknownWord } from "../domain/errors.ts";
import { branchOf, checkName, checkTaskId } from "../domain/name.ts";
import { accessOf } from "../domain/role.ts";
import { cleanBody } from "../domain/text.ts";
import type { Repo } from "../ports/repo.ts";
import { observe, reap, type TeamTools } from "./observe-agent.ts";
import { letGo } from "./release-agent.ts";
import { enterRun } from "./runs.ts";

export interface SpawnInput {
  task: string;
  name?: string | undefined;
  role: string;
  parent: string;
  depth: number;
  runtime: string;
  baseBranch?: string | undefined;
  firstPrompt: (agent: string) => string;
  rolePrompt: (agent: string) => string;
  /** Take up the worktree that an earlier session of this agent left. */
  recover: boolean;
  /** Refuse when the parent has this many running agents. */
  maxAgents?: number | undefined;
  command: string | undefined;
  args: readonly string[];
}

export interface AgentPlace {
  agent: string;
  task: string;
  worktree: string;
  /** Folders that come first on PATH. */
  path: readonly string[];
}

export interface SpawnTools extends TeamTools {
  repo: Repo;
  owner: string;
  newId: (prefix: string) => string;
  worktrees: string;
  socket: string;
  /** Environment of the agent, beside what its pane inherits. */
  agentEnv: (place: AgentPlace) => Record<string, string>;
  /** The project's own folder, which `ov` writes to. */
  home: string;
  hookCommand: (event: string, runtime: string) => string;
}

export interface Spawned {
  agent: Agent;
  session: Session;
}

const SPAWN_MS = 30_000;
/** A start is no letter that somebody sends in a loop. */
const UNLIMITED = { perMinute: 0, perPair: 0 };

/** Gives a task to an agent: a worktree, a branch, a pane and the first prompt as an argument. */
export async function spawnAgent(tools: SpawnTools, input: SpawnInput): Promise<Spawned> {
  const { store, now, owner } = tools;
  const task = checkTaskId(input.task);
  checkName(input.role, "capability");
  const name = checkName(input.name ?? freeName(tools, input.role));
  const runtime = tools.runtimes.get(input.runtime);
  if (!runtime) throw unknownWord("runtime", input.runtime, [...tools.runtimes.keys()]);
  const lease = `spawn:${name}`;
  if (!store.leases.take(lease, owner, now() + SPAWN_MS)) {
    throw new AppError("refused", `${name} is being started by another ov`, "try again");
  }
  try {
    await refuseIfRunning(tools, name);
    refuseIfTooMany(tools, input);
    const place = await makePlace(tools, name, task, input);
    store.agents.put({
      name,
      kind: "local",
      role: input.role,
      parent: input.parent,
      depth: input.depth,
    });
    store.agents.update(name, { ...place, task, runtime: input.runtime });

    const generation = store.sessions.nextGeneration(name);
    const dir = tools.launcher.makeDir(name, generation);
    const plan = runtime.launch({
      agent: name,
      worktree: place.worktree,
      dir,
      rolePrompt: input.rolePrompt(name),
      firstPrompt: input.firstPrompt(name),
      resume: undefined,
      access: accessOf(input.role),
      hookCommand: (event) => tools.hookCommand(event, input.runtime),
      writable: [tools.home],
      env: tools.env,
      command: input.command,
      args: input.args,
    });
    const id = tools.newId("session");
    const script = tools.launcher.write({
      dir,
      cwd: place.worktree,
      argv: plan.argv,
      env: {
        ...tools.agentEnv({ agent: name, task, worktree: place.worktree, path: plan.path }),
        ...plan.env,
        OV_SESSION: id,
      },
      files: plan.files,
      links: plan.links,
    });
    const at = now();
    const pane = await tools.terminal.open({
      socket: tools.socket,
      window: name,
      cwd: place.worktree,
      script,
      mark: id,
    });
    const session = {
      id,
      agent: name,
      generation,
      runtime: input.runtime,
      pane,
      dir,
      adopted: false,
      runtimeSession: null,
      transcript: null,
      startedAt: at,
    };
    try {
      enterRun(store, input.recover);
      store.sessions.start(session);
    } catch (error) {
      await tools.terminal.close(pane);
      throw error;
    }
    store.mail.unhold(name);
    if (plan.unsaid) sendFirst(tools, input, name, plan.unsaid);
    return {
      agent: store.agents.get(name)!,
      session: { ...session, endedAt: null, endReason: null },
    };
  } finally {
    store.leases.release(lease, owner);
  }
}

/** The first prompt of a program that takes none as an argument goes the way of any letter. */
function sendFirst({ store }: SpawnTools, input: SpawnInput, name: string, body: string): void {
  const draft = {
    sender: input.parent,
    address: name,
    type: "status" as const,
    subject: `Task ${input.task}`,
    body: cleanBody(body),
    payload: null,
    priority: "high" as const,
    wake: true,
  };
  store.mail.send(draft, [name], UNLIMITED);
}

function freeName({ store }: SpawnTools, role: string): string {
  const taken = new Set(store.agents.list().map((agent) => agent.name));
  let n = 1;
  while (taken.has(`${role}-${n}`)) n++;
  return `${role}-${n}`;
}

/** A live session is refused; one whose program or pane has ended makes room. */
async function refuseIfRunning(tools: SpawnTools, name: string): Promise<void> {
  const session = tools.store.sessions.liveOf(name);
  if (!session) return;
  const seen = await observe(tools, session);
  reap(tools, seen);
  // Or another `ov` did, since it was found live.
  if (tools.store.sessions.liveOf(name) === undefined) return;
  if (seen.state.state !== "exited") {
    throw new AppError(
      "refused",
      `${name} already runs (${seen.state.state}: ${seen.state.detail})`,
      `ov attach ${name}, or end it first: ov ${session.adopted ? "release" : "stop"} ${name}`,
    );
  }
  // A person's pane is not closed.
  if (session.adopted) return letGo(tools, session, seen.state.detail);
  await tools.terminal.close(session.pane);
  tools.store.sessions.end(session.id, seen.state.detail);
}

function refuseIfTooMany({ store }: SpawnTools, { parent, maxAgents }: SpawnInput): void {
  if (maxAgents === undefined) return;
  const running = store.sessions
    .live()
    .filter(({ agent }) => store.agents.get(agent)?.parent === parent);
  if (running.length >= maxAgents) {
    const names = running.map(({ agent }) => agent).join(", ");
    throw new AppError("refused", `${parent} already has ${running.length} agents: ${names}`);
  }
}

interface Place {
  worktree: string;
  branch: string;
  baseBranch: string;
}

async function makePlace(
  tools: SpawnTools,
  name: string,
  task: string,
  input: SpawnInput,
): Promise<Place> {
  const { repo, store } = tools;
  const branch = branchOf(name, task);
  const worktree = `${tools.worktrees}/${name}`;
  const existing = (await repo.worktrees()).find((tree) => tree.agent === name);
  if (existing) {
    const before = store.agents.get(name)?.baseBranch;
    if (input.recover && existing.branch === branch) {
      return { worktree, branch, baseBranch: before ?? branch };
    }
    const hint = input.recover
      ? `it is on ${existing.branch ?? "no branch"}, this task needs ${branch}`
      : `go on in it with --recover, or remove it: ov worktree clean ${name}`;
    throw new AppError("refused", `${name} has a worktree from before: ${worktree}`, hint);
  }
  const baseBranch = input.baseBranch ?? (await repo.currentBranch());
  if (!baseBranch) {
    throw new AppError("refused", "the repository is on no branch", "give --base-branch");
  }
  if (!(await repo.resolve(baseBranch))) {
    throw new AppError(
      "not_found",
      `base branch "${baseBranch}" has no commit`,
      "make a first commit, or give --base-branch",
    );
  }
  await repo.addWorktree(worktree, branch, baseBranch);
  return { worktree, branch, baseBranch };
}
