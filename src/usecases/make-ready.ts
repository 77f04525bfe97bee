import { AppError } from "../domain/errors.ts";
import type { SetUp } from "../domain/set-up.ts";
import type { Repo } from "../ports/repo.ts";

/** A command of the settings may write a lot before it fails. */
const LINES = 12;

/**
 * Sets up the new worktree of an agent. Returns what could not be had. Where a command of the
 * settings fails, the worktree is removed again, and its branch if that is new (`made`).
 */
export async function makeReady(
  repo: Repo,
  plan: SetUp,
  place: { agent: string; worktree: string; branch: string; made: boolean },
): Promise<string[]> {
  const { agent, worktree } = place;
  try {
    const { missing, failed } = await repo.setUp(worktree, plan);
    if (failed === undefined) return missing;
    const end = failed.output.split("\n").slice(-LINES).join("\n");
    throw new AppError(
      "refused",
      `${agent} was not started: worktree.run, "${failed.command}" failed in its worktree:\n${end}`,
      "correct worktree.run in .overture/config.yaml, or what it runs; the worktree was removed",
    );
  } catch (error) {
    await repo.removeWorktree(worktree, true);
    const tip = place.made ? await repo.tip(place.branch) : undefined;
    if (tip !== undefined) await repo.deleteBranch(place.branch, tip);
    throw error;
  }
}
