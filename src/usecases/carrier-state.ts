import { SYSTEM } from "../domain/name.ts";
import type { Store } from "../ports/store.ts";
import { type LeaseTools, pidOf } from "./lease.ts";

/** Its lease. Held by the carrier, and by one that waits for a dispatcher to step aside. */
export const CARRIER = "carrier";
/** The lease of whoever delivers: a carrier, or a dispatcher that ends when nothing is left. */
export const DISPATCHER = "dispatcher";

const EVENTS = ["carrier.started", "carrier.ended"];

export interface CarrierState {
  /** The process that carries; undefined: none does. */
  pid: number | undefined;
  /** How the last one ended, where none carries; undefined where there was none. */
  ended: { at: number; why: string } | undefined;
}

export function noteCarrier(
  { store, owner }: Pick<LeaseTools, "store" | "owner">,
  kind: string,
  more: object = {},
): void {
  store.events.add(kind, { agent: SYSTEM, data: { pid: pidOf(owner), ...more } });
}

/** Who carries, or how the last one ended. Writes nothing. */
export function carrierState({
  store,
  isAlive,
}: Pick<LeaseTools, "store" | "isAlive">): CarrierState {
  const owner = store.leases.holder(CARRIER)?.owner;
  const isWhole = owner !== undefined && store.leases.holder(DISPATCHER)?.owner === owner;
  const pid = isWhole && isAlive(pidOf(owner)) ? pidOf(owner) : undefined;
  const last = store.events.lastOf(SYSTEM, EVENTS);
  if (pid !== undefined || !last) return { pid, ended: undefined };
  const data = JSON.parse(last.data ?? "{}") as { pid: number; why?: string };
  const why = data.why ?? `process ${data.pid} ended without a word: it was killed`;
  return { pid, ended: { at: last.at, why } };
}

/** The process that carries or waits to, as its lease says; the caller asks whether it lives. */
export function carrierPid(store: Store): number | undefined {
  const holder = store.leases.holder(CARRIER);
  return holder && pidOf(holder.owner);
}
