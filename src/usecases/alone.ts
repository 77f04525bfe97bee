import { AppError } from "../domain/errors.ts";
import type { Store } from "../ports/store.ts";

export interface AloneTools {
  store: Store;
  now: () => number;
  /** This process: its pid, a colon and a random word. */
  owner: string;
  isAlive: (pid: number) => boolean;
}

/** Longer than a program takes to end and another to begin. */
const START_MS = 30_000;

const leaseOf = (agent: string) => `spawn:${agent}`;

/** Whether somebody starts, ends or replaces this agent's session just now. */
export function isStarting({ store, now, isAlive }: AloneTools, agent: string): boolean {
  const holder = store.leases.holder(leaseOf(agent));
  return holder !== undefined && holder.until > now() && isAlive(Number.parseInt(holder.owner, 10));
}

/** The same for several agents, in the order of their names: no two callers wait for each other. */
export function aloneWith<T>(
  tools: AloneTools,
  agents: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  const held = (inner: () => Promise<T>, agent: string) => () => alone(tools, agent, inner);
  return [...agents].sort().reduceRight(held, work)();
}

/** One start of an agent at a time, across processes; a killed one leaves nobody waiting. */
export async function alone<T>(
  { store, now, owner, isAlive }: AloneTools,
  agent: string,
  work: () => Promise<T>,
): Promise<T> {
  const lease = leaseOf(agent);
  const holder = store.leases.holder(lease);
  if (holder && !isAlive(Number.parseInt(holder.owner, 10))) {
    store.leases.release(lease, holder.owner);
  }
  if (!store.leases.take(lease, owner, now() + START_MS)) {
    throw new AppError("refused", `${agent} is being started or ended by another ov`, "try again");
  }
  try {
    return await work();
  } finally {
    store.leases.release(lease, owner);
  }
}
