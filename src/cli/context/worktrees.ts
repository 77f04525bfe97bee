import { workersIn } from "../../adapters/workers.ts";
import type { WorktreeTools } from "../../usecases/clean-worktrees.ts";
import type { Context } from "../context.ts";

export async function worktreeTools(context: Context): Promise<WorktreeTools> {
  const { merge } = await context.config();
  return { repo: await context.repo(), store: context.store, config: merge, workersIn };
}
