import { formatAge } from "../domain/duration.ts";
import { AppError, unknownWord } from "../domain/errors.ts";
import { type GateRoom, gateVariables, MINUTE } from "../domain/gate.ts";
import { type BranchOutcome, workOf } from "../domain/merge.ts";
import { NO_SET_UP, type SetUp } from "../domain/set-up.ts";
import { oneLine, shellWord } from "../domain/text.ts";
import type { GateRun, Repo } from "../ports/repo.ts";
import { expectSettings, noteSettings } from "./git-settings.ts";
import { type Send, tellMerge, wasTold } from "./merge-mail.ts";
import { inTurn, type TurnTools } from "./merge-turn.ts";
import { type Elsewhere, ownBranches, workElsewhere } from "./own-branches.ts";
import { targetBranch } from "./target-branch.ts";

export interface MergeTools extends TurnTools {
  repo: Repo;
  config: {
    into?: string | undefined;
    gates: readonly string[];
    /** How long each gate may run. */
    gateMinutes: number;
    /** Variables of the caller that gates get beside the usual ones. */
    env?: readonly string[] | undefined;
  };
  /** The environment of whoever merges. */
  caller: Readonly<Record<string, string | undefined>>;
  /** How a scratch worktree is made ready for its gates. */
  setUp?: SetUp | undefined;
  send: Send;
}

export interface MergeRequest {
  /** In this order; or `all`: every open branch of an agent, oldest first. */
  branches?: readonly string[] | undefined;
  all?: boolean | undefined;
  into?: string | undefined;
  /** Says what would happen; runs no gate, moves nothing and tells nobody. */
  dryRun?: boolean | undefined;
  /** Commits whose change of `.overture` the person has read and accepted. */
  accepted?: readonly string[] | undefined;
}

/** Paths that would give orders here: `.overture` anywhere, however its case is written. */
export const ordersIn = (files: readonly string[]): string[] =>
  files.filter((file) => file.toLowerCase().split("/").includes(".overture"));

const ATTEMPTS = 3;
/** How often a gate that runs is told of. */
const NOTE_MS = 5_000;

/**
 * Merges branches one after the other, each from a scratch worktree with the gates run on the
 * merged tree. A branch that fails stops none of the others. Throws `not_found` before anything
 * happens when a branch or the target does not exist.
 */
export async function mergeBranches(
  tools: MergeTools,
  request: MergeRequest,
): Promise<{ into: string; outcomes: BranchOutcome[]; elsewhere: Elsewhere[] }> {
  const { repo } = tools;
  if (!request.dryRun) await noteSettings(repo.settings);
  await expectSettings(repo.settings);
  const into = await targetBranch(repo, request.into ?? tools.config.into);
  const branches = request.all
    ? await ownBranches(tools, await repo.openBranches(into))
    : [...new Set(request.branches)];
  await expectBranches(repo, branches, into);
  const outcomes: BranchOutcome[] = [];
  let base = await tipOf(repo, into);
  for (const branch of branches) {
    const about = { branch, ...named(branch) };
    if (request.dryRun) {
      const tried = await attempt(() => tryMerge(tools, base, branch, into, [], request));
      base = tried.status === "merged" ? tried.commit! : base;
      outcomes.push({ ...about, ...(await foretell(repo, into, tried)) });
      continue;
    }
    const merged = await inTurn(tools, into, () =>
      attempt(() => mergeOne(tools, branch, into, request)),
    );
    const outcome = { ...about, ...merged };
    outcomes.push({ ...outcome, ...(await record(tools, into, outcome)) });
  }
  const elsewhere = request.all ? await workElsewhere(tools, into) : [];
  return { into, outcomes, elsewhere };
}

type Result = Omit<BranchOutcome, "branch" | "agent" | "taskId">;

function named(branch: string): { agent?: string; taskId?: string } {
  const work = workOf(branch);
  return work ? { agent: work.agent, taskId: work.task } : {};
}

async function expectBranches(repo: Repo, branches: readonly string[], into: string) {
  for (const branch of branches) {
    if ((await repo.tip(branch)) !== undefined) continue;
    throw unknownWord("branch", branch, await repo.openBranches(into));
  }
}

async function tipOf(repo: Repo, branch: string): Promise<string> {
  const commit = await repo.tip(branch);
  if (commit === undefined) throw new AppError("refused", `the branch ${branch} is gone`);
  return commit;
}

/** What git refuses is the outcome of this branch and does not end the whole merge. */
async function attempt(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return refused([], error);
  }
}

function refused(files: string[], { message, hint }: AppError): Result {
  return { status: "refused", files, conflictFiles: [], error: message, hint };
}

/** From the target's newest commit; again when somebody moved it while the gates ran. */
async function mergeOne(
  tools: MergeTools,
  branch: string,
  into: string,
  request: MergeRequest,
): Promise<Result> {
  const { repo, config } = tools;
  // It may have waited long for its turn.
  await expectSettings(repo.settings);
  // The gates, and the checkout that follows, find the submodules' commits only there.
  const checkout = (await repo.worktrees()).find((tree) => tree.branch === branch);
  const lost = checkout ? await repo.keepSubmodules(checkout.path) : [];
  for (let left = ATTEMPTS; ; left--) {
    const from = await tipOf(repo, into);
    const tried = await tryMerge(tools, from, branch, into, config.gates, request);
    if (tried.status !== "merged") return tried;
    // A gate runs the code of an agent.
    await expectSettings(repo.settings);
    try {
      await repo.advance(into, from, tried.commit!);
      const notes = [...lost, ...(tried.notes ?? [])];
      return notes.length > 0 ? { ...tried, notes } : tried;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const moved = (await tipOf(repo, into)) !== from;
      if (!moved || left === 1) return refused(tried.files, error);
    }
  }
}

function tryMerge(
  tools: MergeTools,
  from: string,
  branch: string,
  into: string,
  gates: readonly string[],
  { accepted = [] }: MergeRequest,
): Promise<Result> {
  const { repo } = tools;
  return repo.scratch(from, async (dir): Promise<Result> => {
    const done = await repo.mergeInto(dir, branch, `Merge ${branch} into ${into}`);
    const { conflictFiles, filesChanged: files } = done;
    if (done.kind !== "merged") return { status: done.kind, files, conflictFiles };
    const orders = ordersIn(files);
    if (orders.length > 0 && !accepted.includes((await repo.tip(branch)) ?? "")) {
      const names = orders.map(oneLine).join(", ");
      const message = `${branch} changes what may run here or speak to agents: ${names}`;
      const way = `a person reads and accepts it at a terminal: ov merge --branch ${shellWord(branch)}`;
      return refused(files, new AppError("refused", `${message}; ${way}`));
    }
    const tried = gates.length > 0 ? await runGates(tools, branch, dir, gates) : {};
    return { status: "merged", commit: done.commit, files, conflictFiles, ...tried };
  });
}

/** Says every few seconds what runs and for how long, until it has ended. */
function told<T>({ every, note, now }: MergeTools, what: string, work: Promise<T>): Promise<T> {
  const begin = now();
  const end = every(NOTE_MS, () => note(`${what} runs, ${formatAge(now() - begin)} so far`));
  return work.finally(end);
}

type Ran = Omit<GateRun, "ok"> & { command: string };

/** What the gates change of the outcome: nothing where they pass and have all that they need. */
async function runGates(
  tools: MergeTools,
  branch: string,
  dir: string,
  gates: readonly string[],
): Promise<Partial<Result>> {
  const { repo, now, setUp = NO_SET_UP, config, caller } = tools;
  const { env, withheld } = gateVariables(caller, config.env);
  const place: GateRoom = { env, limitMs: config.gateMinutes * MINUTE };
  const failed = (what: string, begin: number, run: Ran): Partial<Result> => {
    const { command, output, timedOut } = run;
    const limit = `did not end within ${config.gateMinutes} minutes (merge.gateMinutes)`;
    const error = `${what} "${command}" ${timedOut ? `${limit} and was ended` : "failed"}`;
    const gate = { command, output, ms: now() - begin, withheld };
    return { status: "gate_failed", commit: undefined, gate, error };
  };
  const start = now();
  const ready = await told(tools, `${branch}: the set-up`, repo.setUp(dir, setUp, place));
  const notes = ready.missing.length > 0 ? { notes: ready.missing } : {};
  if (ready.failed) {
    return { ...failed("worktree.run:", start, ready.failed), ...notes };
  }
  for (const command of gates) {
    const begin = now();
    const what = `${branch}: the gate "${command}"`;
    const done = await told(tools, what, repo.runGate(dir, command, place));
    if (!done.ok) return { ...failed("the gate", begin, { command, ...done }), ...notes };
  }
  return notes;
}

/** The outcome that a merge now would have, as far as it can be known without gates. */
async function foretell(repo: Repo, into: string, tried: Result): Promise<Result> {
  if (tried.status === "conflict") return { ...tried, status: "would_conflict" };
  if (tried.status !== "merged") return tried;
  const checkout = (await repo.worktrees()).find((worktree) => worktree.branch === into);
  const dirty = checkout ? (await repo.unsaved(checkout.path, into, into)).dirty : [];
  const inTheWay = tried.files.filter((file) => dirty.includes(file));
  if (inTheWay.length > 0) {
    const list = inTheWay.join(", ");
    const message = `the merge would overwrite ${list} in ${checkout?.path}`;
    return refused(tried.files, new AppError("refused", message));
  }
  return { status: "would_merge", files: tried.files, conflictFiles: [] };
}

/** The branch has moved or not by now: a letter that cannot be sent changes nothing of that. */
async function record(
  { repo, store, send }: MergeTools,
  into: string,
  outcome: BranchOutcome,
): Promise<{ unsent?: string }> {
  const { branch, status, commit, agent } = outcome;
  const known = agent !== undefined && store.agents.get(agent) ? agent : undefined;
  const at = { tip: await repo.tip(branch), onto: await repo.tip(into) };
  const isRepeated = wasTold(store, into, outcome, at);
  const files = outcome.conflictFiles.length > 0 ? outcome.conflictFiles : undefined;
  const data = { branch, into, commit, error: outcome.error, ...at, files };
  store.events.add(`merge.${status}`, { agent: known, data });
  if (isRepeated) return { unsent: "the same was told before, and the branch has not moved" };
  try {
    tellMerge(store, send, into, outcome);
    return {};
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    store.events.add("merge.unsent", { agent: known, data: { branch, error: error.message } });
    return { unsent: error.message };
  }
}
