import type { Agent, Session } from "../domain/agent.ts";
import { AppError, unknownWord } from "../domain/errors.ts";
import { branchOf, checkName, checkTaskId } from "../domain/name.ts";
import type { SetUp } from "../domain/set-up.ts";
import type { Made } from "../domain/start.ts";
import type { Repo } from "../ports/repo.ts";
import { alone } from "./alone.ts";
import { type BeginTools, beginSession, checkStart, madeBy } from "./begin-session.ts";
import { noteSettings } from "./git-settings.ts";
import { makeReady } from "./make-ready.ts";
import { reap } from "./observe-agent.ts";
import { refuseSecond } from "./one-program.ts";
import { reapAll, witnessOne } from "./reach-agent.ts";
import { letGo } from "./release-agent.ts";
import { repairMoved } from "./repair-moved.ts";
import { recorded, takeBackBroken } from "./take-back.ts";

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

export interface SpawnTools extends BeginTools {
  worktrees: string;
  /** How a new worktree is made ready. */
  setUp: SetUp;
}

export interface Spawned {
  /** What its worktree lacks, one line each. */
  missing: string[];
  agent: Agent;
  session: Session;
  /** What is taken back should its program end before it has begun. */
  made: Made;
}

/** Gives a task to an agent: a worktree, a branch, a pane and the first prompt as an argument. */
export async function spawnAgent(tools: SpawnTools, input: SpawnInput): Promise<Spawned> {
  const { store } = tools;
  const task = checkTaskId(input.task);
  checkName(input.role, "capability");
  await takeBackBroken(tools);
  const name = checkName(input.name ?? freeName(tools, input.role));
  const runtime = tools.runtimes.get(input.runtime);
  if (!runtime) throw unknownWord("runtime", input.runtime, [...tools.runtimes.keys()]);
  checkStart(tools, { name, task, worktree: null }, runtime, input.command);
  return alone(tools, name, async () => {
    await repairMoved(tools);
    await refuseIfRunning(tools, name);
    refuseIfTooMany(tools, input);
    await refuseSecond(tools, [name]);
    tools.terminal.check(tools.socket);
    const { place, isHere, commit } = await findPlace(tools, name, task, input);
    const { role, parent, depth } = input;
    const branch = commit === undefined ? null : { name: place.branch, commit };
    const made = { ...madeBy(tools, name), worktree: isHere ? null : place.worktree, branch };
    return recorded(tools, made, async () => {
      const missing = isHere ? [] : await makePlace(tools, name, place, branch !== null);
      await noteSettings(tools.repo.settings);
      store.agents.put({ name, kind: "local", role, parent, depth });
      const firstPrompt = input.firstPrompt(name);
      store.agents.update(name, { ...place, task, runtime: runtime.name, brief: firstPrompt });
      const session = await beginSession(tools, {
        agent: store.agents.get(name)!,
        made,
        runtime: runtime.name,
        rolePrompt: input.rolePrompt(name),
        firstPrompt,
        command: input.command,
        args: input.args,
        goesOn: input.recover,
      });
      return { agent: store.agents.get(name)!, session, made, missing };
    });
  });
}

function freeName({ store }: SpawnTools, role: string): string {
  const taken = new Set(store.agents.list().map((agent) => agent.name));
  let n = 1;
  while (taken.has(`${role}-${n}`)) n++;
  return `${role}-${n}`;
}

/** A live session is refused; one whose program or pane has ended makes room. */
async function refuseIfRunning(tools: SpawnTools, name: string): Promise<void> {
  await reapAll(tools);
  const session = tools.store.sessions.liveOf(name);
  if (!session) return;
  const seen = await witnessOne(tools, session);
  reap(tools, seen);
  // Or another `ov` did, since it was found live.
  if (tools.store.sessions.liveOf(name) === undefined) return;
  const { ending } = seen;
  if (seen.state.state !== "exited" || ending === undefined) {
    throw new AppError(
      "refused",
      `${name} already runs (${seen.state.state}: ${seen.state.detail})`,
      `ov attach ${name}, or end it first: ov ${session.adopted ? "release" : "stop"} ${name}`,
    );
  }
  // A person's pane is not closed.
  if (session.adopted) return letGo(tools, session, ending);
  await tools.terminal.close(session.pane);
  tools.store.sessions.end(session.id, ending);
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

/** Where it shall work. Makes nothing. */
async function findPlace(
  tools: SpawnTools,
  name: string,
  task: string,
  input: SpawnInput,
): Promise<{
  place: Place;
  /** The worktree is there already. */
  isHere: boolean;
  /** Where the branch begins that is to be made. */
  commit: string | undefined;
}> {
  const { repo, store } = tools;
  const branch = branchOf(name, task);
  const worktree = `${tools.worktrees}/${name}`;
  const existing = (await repo.worktrees()).find((tree) => tree.agent === name);
  if (existing) {
    const before = store.agents.get(name)?.baseBranch;
    if (input.recover && existing.branch === branch) {
      const place = { worktree, branch, baseBranch: before ?? branch };
      return { place, isHere: true, commit: undefined };
    }
    const hint = input.recover
      ? `it is on ${existing.branch ?? "no branch"}, this task needs ${branch}`
      : `go on in it with --recover, or remove it: ov worktree clean ${name}`;
    throw new AppError("refused", `${name} has a worktree from before: ${worktree}`, hint);
  }
  const old = await repo.tip(branch);
  const before = store.agents.get(name)?.baseBranch;
  const current = input.baseBranch ?? (await repo.currentBranch());
  const baseBranch = old && input.recover ? (before ?? current ?? branch) : current;
  if (old && !input.recover) throw await oldBranch(repo, branch, baseBranch, { task, name });
  if (!baseBranch) {
    throw new AppError("refused", "the repository is on no branch", "give --base-branch");
  }
  const commit = await repo.resolve(baseBranch);
  if (!commit) {
    throw new AppError(
      "not_found",
      `base branch "${baseBranch}" has no commit`,
      "make a first commit, or give --base-branch",
    );
  }
  const place = { worktree, branch, baseBranch };
  return { place, isHere: false, commit: old ? undefined : commit };
}

/** Makes the worktree, and its branch where that is new. Returns what it lacks. */
async function makePlace(
  { repo, setUp }: SpawnTools,
  agent: string,
  { worktree, branch, baseBranch }: Place,
  made: boolean,
): Promise<string[]> {
  await repo.addWorktree(worktree, branch, baseBranch);
  return makeReady(repo, setUp, { agent, worktree, branch, made });
}

/** A branch from before is never taken silently: it may begin elsewhere than was asked for. */
async function oldBranch(
  repo: Repo,
  branch: string,
  base: string | undefined,
  { task, name }: { task: string; name: string },
): Promise<AppError> {
  const known = base !== undefined && (await repo.resolve(base)) !== undefined;
  const isMerged = known && !(await repo.openBranches(base)).includes(branch);
  const what = isMerged ? `${base} holds all of it` : `it has commits that ${base} does not hold`;
  return new AppError(
    "refused",
    `the branch ${branch} exists from before${known ? `: ${what}` : ""}`,
    `go on with it: ov sling ${task} --name ${name} --recover; or take another --name; or remove it: git branch -${isMerged ? "d" : "D"} ${branch}`,
  );
}
