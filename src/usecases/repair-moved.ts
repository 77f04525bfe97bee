import type { Repo } from "../ports/repo.ts";
import type { Store } from "../ports/store.ts";

/**
 * After the project's folder was moved, git and the store name places that are gone: both are
 * corrected. Returns the agents whose worktree was found again.
 */
export async function repairMoved({ repo, store }: { repo: Repo; store: Store }) {
  await repo.repairMoved();
  const trees = await repo.worktrees();
  const found: string[] = [];
  for (const { name, worktree } of store.agents.list()) {
    const now = trees.find(({ agent }) => agent === name)?.path;
    const end = `/worktrees/${name}`;
    if (now === undefined || worktree === null || worktree === now) continue;
    if (!worktree.endsWith(`/.overture${end}`)) continue;
    store.agents.relocate(worktree.slice(0, -end.length), now.slice(0, -end.length));
    found.push(name);
  }
  return found;
}
