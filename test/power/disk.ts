import { existsSync, readFileSync } from "node:fs";
import type { Step } from "./trace.ts";

type Change = Exclude<Step, { kind: "sync" }> & { index: number };

/** What a power cut leaves of the writes that no sync had covered. */
export const LOSSES = ["all lost", "none lost", "last one torn", "some lost"] as const;
export type Loss = (typeof LOSSES)[number];

const SECTOR = 512;

/** Files as they would be after a power cut: what was synced is there, the rest may be. */
export class Disk {
  #durable = new Map<string, Uint8Array | undefined>();
  #pending: Change[] = [];
  #index = 0;

  constructor(paths: readonly string[]) {
    for (const path of paths) {
      this.#durable.set(path, existsSync(path) ? readFileSync(path) : undefined);
    }
  }

  take(step: Step): void {
    const index = this.#index++;
    if (!this.#durable.has(step.path)) return;
    if (step.kind !== "sync") {
      this.#pending.push({ ...step, index });
      // A name that is gone stays gone: SQLite has synced what the file held before.
      if (step.kind === "remove") this.#settle(step.path, index + 1);
    } else this.#settle(step.path, step.since);
  }

  #settle(path: string, before: number): void {
    const isDone = (one: Change) => one.path === path && one.index < before;
    apply(this.#durable, this.#pending.filter(isDone));
    this.#pending = this.#pending.filter((one) => !isDone(one));
  }

  /** The files as they would be found. `roll`: a random number below one. */
  after(loss: Loss, roll: () => number): Map<string, Uint8Array | undefined> {
    const files = new Map(this.#durable);
    apply(files, survivors(this.#pending, loss, roll));
    return files;
  }
}

function survivors(pending: readonly Change[], loss: Loss, roll: () => number): Change[] {
  if (loss === "all lost") return [];
  if (loss === "none lost") return [...pending];
  // The disk wrote in another order: any of them may be there.
  if (loss === "some lost") return pending.filter(() => roll() < 0.5);
  const kept = pending.slice(0, Math.ceil(roll() * pending.length));
  const last = kept.at(-1);
  if (last?.kind !== "write") return kept;
  const sectors = Math.floor((roll() * last.bytes.length) / SECTOR);
  return [...kept.slice(0, -1), { ...last, bytes: last.bytes.slice(0, sectors * SECTOR) }];
}

function apply(files: Map<string, Uint8Array | undefined>, changes: readonly Change[]): void {
  for (const change of changes) {
    const { path } = change;
    const before = files.get(path) ?? new Uint8Array();
    if (change.kind === "remove") files.set(path, undefined);
    else if (change.kind === "truncate") files.set(path, sized(before, change.size));
    else {
      const after = sized(before, Math.max(before.length, change.at + change.bytes.length));
      after.set(change.bytes, change.at);
      files.set(path, after);
    }
  }
}

function sized(bytes: Uint8Array, size: number): Uint8Array {
  const copy = new Uint8Array(size);
  copy.set(bytes.subarray(0, size));
  return copy;
}
