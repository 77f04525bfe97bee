import type { Agent } from "../domain/agent.ts";
import type { Checkpoint } from "../domain/checkpoint.ts";
import { AppError } from "../domain/errors.ts";
import { checkName } from "../domain/name.ts";
import type { CheckpointTools } from "./save-checkpoint.ts";

/** `worktrees`: the folder of all sandboxes. */
type Tools = Pick<CheckpointTools, "store" | "repo"> & { worktrees: string };

/** Throws `usage` or `refused` unless this name is free to take over an agent's work. */
export async function checkReceiver({ store, repo }: Tools, from: string, to: string) {
  checkName(to);
  if (to === from) throw new AppError("usage", `${to} has the work already`, "leave --to out");
  const known = store.agents.get(to);
  if (known && known.kind !== "local" && known.kind !== "external") {
    throw new AppError("refused", `${to} is no agent that ov runs (${known.kind})`, "another name");
  }
  const runs = store.sessions.liveOf(to) !== undefined;
  if (runs || (await repo.worktrees()).some(({ agent }) => agent === to)) {
    const why = runs ? "runs with work of its own" : "has a worktree of its own";
    const hint = `give it the work by letter: ov mail send --type dispatch --to ${to}`;
    throw new AppError("refused", `${to} ${why}`, hint);
  }
}

/**
 * Gives an agent's role, task, branch and worktree to another name; the worktree moves with all that
 * is in it. Called again, where a first call was broken off, it does the rest.
 */
export async function moveWork(tools: Tools, from: Agent, to: string): Promise<Agent> {
  const { store, repo } = tools;
  const trees = await repo.worktrees();
  const worktree = `${tools.worktrees}/${to}`;
  const isHere = (name: string) => trees.some(({ agent }) => agent === name);
  if (isHere(from.name) && !isHere(to)) await repo.moveWorktree(from.worktree!, worktree);
  const { role, parent, depth, runtime, task, branch, baseBranch, brief } = from;
  store.agents.put({ name: to, kind: "local", role, parent, depth });
  store.agents.update(to, { runtime, task, branch, baseBranch, brief, worktree });
  return store.agents.get(to)!;
}

/** What `from` leaves as the session of `to` begins: letters, reports of others, the checkpoint. */
export function leaveWork(
  { store }: Pick<Tools, "store">,
  from: string,
  to: Agent,
  checkpoint: Checkpoint,
): void {
  const nothing = { task: null, worktree: null, branch: null, baseBranch: null, brief: null };
  store.agents.update(from, nothing);
  for (const { name, parent } of store.agents.list()) {
    if (parent === from) store.agents.update(name, { parent: to.name });
  }
  store.mail.redirect(from, to.name);
  const body = JSON.stringify(ofReceiver(checkpoint, to));
  store.notes.put({ kind: "checkpoint", key: to.name, agent: to.name, body });
}

export const ofReceiver = (checkpoint: Checkpoint, { name, worktree }: Agent): Checkpoint => ({
  ...checkpoint,
  agentName: name,
  worktree: worktree ?? "",
});
