import { AppError } from "../domain/errors.ts";
import { type LeaseTools, pidOf, takeLease } from "./lease.ts";

/** Longer than a program takes to end and another to begin. */
const START_MS = 30_000;

export interface AloneTools extends LeaseTools {
  /** Does this every so many ms, until what it returns is called: for work of any length. */
  every?: (ms: number, work: () => void) => () => void;
}

const leaseOf = (agent: string) => `spawn:${agent}`;

/** Whether somebody else starts, ends or replaces this agent's session just now. */
export function isTaken({ store, now, owner, isAlive }: LeaseTools, agent: string): boolean {
  const holder = store.leases.holder(leaseOf(agent));
  if (holder === undefined || holder.owner === owner) return false;
  return holder.until > now() && isAlive(pidOf(holder.owner));
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
  tools: AloneTools,
  agent: string,
  work: () => Promise<T>,
): Promise<T> {
  const lease = leaseOf(agent);
  if (!takeLease(tools, lease, START_MS)) {
    throw new AppError("refused", `${agent} is being started or ended by another ov`, "try again");
  }
  const end = tools.every?.(START_MS / 6, () => void takeLease(tools, lease, START_MS));
  try {
    return await work();
  } finally {
    end?.();
    tools.store.leases.release(lease, tools.owner);
  }
}
