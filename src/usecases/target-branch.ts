import { AppError } from "../domain/errors.ts";
import { workOf } from "../domain/merge.ts";
import type { Repo } from "../ports/repo.ts";

/**
 * The branch that agents' work is merged into: the one that is named, else the one that the
 * main checkout is on, else `main` or `master`. Throws `not_found` when it does not exist.
 */
export async function targetBranch(repo: Repo, named: string | undefined): Promise<string> {
  if (named !== undefined) {
    if ((await repo.tip(named)) !== undefined) return named;
    throw new AppError(
      "not_found",
      `there is no branch "${named}" to merge into`,
      "name one with --into, or as merge.into in .overture/config.yaml",
    );
  }
  const current = await repo.currentBranch();
  const usual = current !== undefined && !workOf(current) ? [current] : [];
  for (const branch of [...usual, "main", "master"]) {
    if ((await repo.tip(branch)) !== undefined) return branch;
  }
  throw new AppError(
    "not_found",
    "there is no branch to merge into: neither main nor master has a commit",
    "name one with --into, or as merge.into in .overture/config.yaml",
  );
}
