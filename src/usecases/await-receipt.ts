import type { Delivery, DeliveryState } from "../domain/delivery.ts";
import type { Store } from "../ports/store.ts";

const REACHED: Record<"seen" | "acked", readonly DeliveryState[]> = {
  seen: ["seen", "acked"],
  acked: ["acked"],
};

export interface Receipts {
  /** What is true at the end: `reached`, `dead`, `held` (still queued) or `open` (not proved). */
  outcome: "reached" | "dead" | "held" | "open";
  deliveries: Delivery[];
}

function judge(deliveries: readonly Delivery[], goal: "seen" | "acked"): Receipts["outcome"] {
  if (deliveries.every((d) => REACHED[goal].includes(d.state))) return "reached";
  if (deliveries.some((d) => d.state === "dead")) return "dead";
  return deliveries.some((d) => d.state === "queued") ? "held" : "open";
}

/** A change that was not told, as on a network folder, is found this late. */
const LOOK_MS = 500;

/**
 * Waits until every recipient has seen (or acked) the letter, or the deadline. `changed` resolves
 * when the store may have changed, or after the given time.
 */
export async function awaitReceipt(
  store: Store,
  id: string,
  goal: "seen" | "acked",
  deadline: number,
  changed: (ms: number) => Promise<void>,
  now: () => number,
): Promise<Receipts> {
  for (;;) {
    const deliveries = store.mail.get(id)?.deliveries ?? [];
    const outcome = judge(deliveries, goal);
    if (outcome === "reached" || outcome === "dead" || now() >= deadline) {
      return { outcome, deliveries };
    }
    await changed(Math.min(LOOK_MS, Math.max(1, deadline - now())));
  }
}
