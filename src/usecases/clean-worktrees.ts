import { AppError, unknownWord } from "../domain/errors.ts";
import { workOf } from "../domain/merge.ts";
import type { Repo, Worktree } from "../ports/repo.ts";
import type { Store } from "../ports/store.ts";
import { mergeOf } from "./own-branches.ts";
import { targetBranch } from "./target-branch.ts";

export interface WorktreeTools {
  repo: Repo;
  store: Store;
  config: { into?: string | undefined };
  /** The processes that stand in a folder, in words, whoever started them. */
  workersIn: (folder: string) => Promise<string[]>;
}

export interface WorktreeRow {
  agent: string;
  path: string;
  branch: string | null;
  /** The commit of the branch when the rest of this row was read. */
  tip: string | null;
  task: string | null;
  /** Whether the target holds every commit of it. */
  merged: boolean;
  /** Paths whose changes are in no commit. */
  dirty: string[];
  /** Commits that the target does not hold, one line each. */
  unmerged: string[];
  live: boolean;
  /** The command that merges it, where it is on another branch than the agent's own. */
  elsewhere: string | null;
}

export interface CleanedRow extends WorktreeRow {
  removed: boolean;
  branchDeleted: boolean;
  /** Why it was kept, with what would be lost; or why its branch was. */
  reason?: string | undefined;
}

/** The sandboxes of agents; never a checkout of a person, whatever branch is in it. */
export async function listWorktrees(
  tools: WorktreeTools,
): Promise<{ into: string; worktrees: WorktreeRow[] }> {
  const into = await targetBranch(tools.repo, tools.config.into);
  const all = await tools.repo.worktrees();
  const rows = all.flatMap((worktree) =>
    worktree.agent === undefined ? [] : [describe(tools, worktree, worktree.agent, into)],
  );
  return { into, worktrees: await Promise.all(rows) };
}

async function describe(
  { repo, store }: WorktreeTools,
  { path, branch: here }: Worktree,
  name: string,
  into: string,
): Promise<WorktreeRow> {
  const agent = store.agents.get(name);
  const own = agent?.branch ?? undefined;
  const branch = here ?? (own && (await repo.tip(own)) !== undefined ? own : undefined);
  const tip = branch === undefined ? undefined : await repo.tip(branch);
  const { dirty, unmerged } = await repo.unsaved(path, branch, into);
  return {
    agent: name,
    path,
    branch: branch ?? null,
    tip: tip ?? null,
    task: agent?.task ?? (branch === undefined ? undefined : workOf(branch)?.task) ?? null,
    merged: unmerged.length === 0,
    dirty,
    unmerged,
    live: store.sessions.liveOf(name) !== undefined,
    elsewhere: own && here !== own && unmerged.length > 0 ? mergeOf(here, path) : null,
  };
}

/**
 * Removes the sandboxes of agents without a live session, and their branches once merged. One
 * with work that is in no commit or not in the target, or in which a process stands, stays, unless `force` is given; also then
 * a branch with such commits stays, so that only what is in no branch is lost.
 */
export async function cleanWorktrees(
  tools: WorktreeTools,
  request: { force?: boolean | undefined; agent?: string | undefined },
): Promise<{ into: string; worktrees: CleanedRow[] }> {
  const { into, worktrees } = await listWorktrees(tools);
  const chosen = worktrees.filter((row) => (request.agent ?? row.agent) === row.agent);
  if (request.agent !== undefined && chosen.length === 0) {
    const known = worktrees.map((row) => row.agent);
    throw unknownWord("worktree of agent", request.agent, known);
  }
  const cleaned: CleanedRow[] = [];
  for (const row of chosen) cleaned.push(await clean(tools, row, request.force ?? false));
  return { into, worktrees: cleaned };
}

async function clean(tools: WorktreeTools, row: WorktreeRow, force: boolean): Promise<CleanedRow> {
  const kept = (reason: string): CleanedRow => {
    return { ...row, removed: false, branchDeleted: false, reason };
  };
  // Looked up again: a session may have begun while other worktrees were removed.
  if (tools.store.sessions.liveOf(row.agent)) return kept("its session is live");
  const loss = lossOf(row);
  if (loss !== undefined && !force) return kept(loss);
  // The store may not know of them: it may be younger than they are.
  const workers = force ? [] : await tools.workersIn(row.path);
  if (workers.length > 0) return kept(`somebody works there: ${workers.join(", ")}`);
  try {
    await tools.repo.removeWorktree(row.path, force);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return kept(error.message);
  }
  const { deleted, reason } = await deleteMerged(tools.repo, row);
  const { store } = tools;
  if (store.agents.get(row.agent)) {
    store.agents.update(row.agent, { worktree: null, ...(deleted ? { branch: null } : {}) });
  }
  const data = { path: row.path, branch: row.branch, branchDeleted: deleted, lost: row.dirty };
  store.events.add("worktree.removed", { agent: row.agent, data });
  return { ...row, removed: true, branchDeleted: deleted, reason };
}

function lossOf({ dirty, unmerged }: WorktreeRow): string | undefined {
  const parts = [
    dirty.length > 0 ? `in no commit: ${dirty.join(", ")}` : undefined,
    unmerged.length > 0 ? `not merged: ${unmerged.join("; ")}` : undefined,
  ].filter((part) => part !== undefined);
  return parts.length > 0 ? parts.join(". ") : undefined;
}

/** Only an agent's branch, and only as it was when it was found to be merged. */
async function deleteMerged(
  repo: Repo,
  { branch, tip, merged }: WorktreeRow,
): Promise<{ deleted: boolean; reason?: string }> {
  if (branch === null || tip === null || !workOf(branch)) return { deleted: false };
  if (!merged) return { deleted: false, reason: `the branch ${branch} stays: it is not merged` };
  try {
    await repo.deleteBranch(branch, tip);
    return { deleted: true };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { deleted: false, reason: `the branch ${branch} stays: ${error.message}` };
  }
}
