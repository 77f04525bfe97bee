import { type LeaseTools, pidOf, takeLease } from "./lease.ts";

export interface TurnTools extends LeaseTools {
  pause: (ms: number) => Promise<void>;
  /** Does this every so many ms, until what it returns is called. */
  every: (ms: number, work: () => void) => () => void;
  /** Called once, when another process merges into this branch: its pid. */
  waits: (pid: number, branch: string) => void;
  /** What takes long, for a person. */
  note: (text: string) => void;
}

/** Renewed while the gates run, however long they take. */
const LEASE_MS = 30_000;
const RENEW_MS = 5_000;
const POLL_MS = 50;

/**
 * One merge into a branch at a time, across processes: each begins where the last one ended, so
 * that no gate runs in vain. And two fast-forwards in one checkout at once refuse each other, or
 * leave its index behind (git 2.39).
 */
export async function inTurn<T>(
  tools: TurnTools,
  branch: string,
  work: () => Promise<T>,
): Promise<T> {
  const { store, owner, pause } = tools;
  const lease = `merge:${branch}`;
  for (let n = 0; !takeLease(tools, lease, LEASE_MS); n++) {
    const holder = store.leases.holder(lease);
    if (n === 0 && holder) tools.waits(pidOf(holder.owner), branch);
    await pause(POLL_MS);
  }
  const end = tools.every(RENEW_MS, () => void takeLease(tools, lease, LEASE_MS));
  try {
    return await work();
  } finally {
    end();
    store.leases.release(lease, owner);
  }
}
