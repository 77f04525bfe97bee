import { cutPower } from "../power/cut.ts";

/** Cuts the power at so many moments of a storm of 8 senders and readers: `--runs 500`. */
export async function figure(runs: number, _runtime: string, seed: number): Promise<void> {
  for (const isSynced of [true, false]) {
    const { cuts, sent, read, syncs, broken } = await cutPower(runs, {
      rounds: 12,
      seed,
      isSynced,
    });
    console.log(`seed ${seed}, ${isSynced ? "as built" : "committed without a sync"}`);
    console.log(`${cuts} power cuts, each with 4 ways to lose what was not synced`);
    console.log(`${sent} messages stored, ${read} read; ${syncs} syncs of the store`);
    for (const line of broken.slice(0, 20)) console.log(`  ${line}`);
    console.log(`${broken.length} promises broken`);
    if (isSynced ? broken.length > 0 || cuts < runs : broken.length === 0) process.exitCode = 1;
  }
}
