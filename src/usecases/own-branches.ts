import type { Repo } from "../ports/repo.ts";
import type { Store } from "../ports/store.ts";

interface Tools {
  repo: Repo;
  store: Store;
}

/**
 * Those of these agents' branches that this project's agents made. Another project in the same
 * repository has branches of the same form: beside one, only what is checked out in a worktree of
 * ours, or is recorded as an agent's branch, is known to be ours.
 */
export async function ownBranches(
  { repo, store }: Tools,
  branches: readonly string[],
): Promise<string[]> {
  if (branches.length === 0 || !(await repo.isShared())) return [...branches];
  const own = new Set([
    ...(await repo.worktrees()).flatMap(({ agent, branch }) => (agent ? [branch] : [])),
    ...store.agents.list().map(({ branch }) => branch),
  ]);
  return branches.filter((branch) => own.has(branch));
}

/** Work in an agent's worktree that is on another branch than its own, or on none. */
export interface Elsewhere {
  agent: string;
  branch: string | null;
  /** What the target does not hold of it, one line each. */
  commits: string[];
  /** What to type to have it merged. */
  command: string;
}

export async function workElsewhere({ repo, store }: Tools, into: string): Promise<Elsewhere[]> {
  const found: Elsewhere[] = [];
  for (const { agent, branch, path } of await repo.worktrees()) {
    const own = agent === undefined ? undefined : store.agents.get(agent)?.branch;
    if (agent === undefined || !own || branch === own) continue;
    const { unmerged: commits } = await repo.unsaved(path, branch, into);
    if (commits.length > 0) {
      found.push({ agent, branch: branch ?? null, commits, command: mergeOf(branch, path) });
    }
  }
  return found;
}

/** In words: whose work, where, how much, and what to type. */
export const sayElsewhere = ({ agent, branch, commits, command }: Elsewhere, into: string) =>
  `${agent} works on ${branch ?? "no branch"}, not on its own: ${into} lacks ${commits.length} commit${commits.length === 1 ? "" : "s"}. ${command}`;

/** The command that merges the work of a worktree, by the branch that is checked out there. */
export const mergeOf = (branch: string | undefined, path: string): string =>
  branch === undefined
    ? `git -C ${path} switch -c <branch>, then: ov merge --branch <branch>`
    : `ov merge --branch ${branch}`;
