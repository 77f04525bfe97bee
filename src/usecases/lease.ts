import type { Session } from "../domain/agent.ts";
import { AppError } from "../domain/errors.ts";
import type { Store } from "../ports/store.ts";

export interface LeaseTools {
  store: Store;
  now: () => number;
  /** This process: its pid, a colon and a random word. */
  owner: string;
  isAlive: (pid: number) => boolean;
}

/** Takes or renews a lease for so long (ms); false: a process that lives has it. */
export function takeLease(tools: LeaseTools, lease: string, ms: number): boolean {
  dropDead(tools, lease);
  return tools.store.leases.take(lease, tools.owner, tools.now() + ms);
}

/**
 * Does this as the one process that writes to the session's pane; `ms`: longer than it can take.
 * Throws `refused` while another one writes.
 */
export async function asWriter<T>(
  tools: LeaseTools,
  { id, agent }: Pick<Session, "id" | "agent">,
  ms: number,
  work: () => Promise<T>,
): Promise<T> {
  const lease = `pane:${id}`;
  if (!takeLease(tools, lease, ms)) {
    throw new AppError("refused", `${agent} is being written to`, "try again");
  }
  try {
    return await work();
  } finally {
    tools.store.leases.release(lease, tools.owner);
  }
}

/** A process that was killed leaves its lease behind; nobody waits for a dead one. */
export function dropDead({ store, isAlive }: Omit<LeaseTools, "now" | "owner">, lease: string) {
  const holder = store.leases.holder(lease);
  if (holder && !isAlive(pidOf(holder.owner))) store.leases.release(lease, holder.owner);
}

/** The process that holds a lease, as its owner says. */
export const pidOf = (owner: string): number => Number.parseInt(owner, 10);
