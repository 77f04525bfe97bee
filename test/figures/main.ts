import { readArguments } from "../arguments.ts";

const FIGURES: Record<
  string,
  () => Promise<{ figure: (runs: number, runtime: string, seed: number) => Promise<void> }>
> = {
  wake: () => import("./wake.ts"),
  sweep: () => import("./sweep.ts"),
  reboot: () => import("./reboot.ts"),
  recovery: () => import("./recovery.ts"),
  handoff: () => import("./handoff.ts"),
  starts: () => import("./starts.ts"),
  context: () => import("./context.ts"),
  soak: () => import("./soak.ts"),
  nodes: () => import("./nodes.ts"),
  hooks: () => import("./hooks.ts"),
  power: () => import("./power.ts"),
  loss: () => import("./loss.ts"),
  scale: () => import("./scale.ts"),
};

const USAGE = `usage: scripts/figures ${Object.keys(FIGURES).join("|")} [--runs N] [--runtime NAME] [--seed N]`;

const { values, positionals } = readArguments(USAGE, {
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "50" },
    runtime: { type: "string", default: "scripted" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const load = FIGURES[positionals[0] ?? ""];
if (!load) {
  console.error(USAGE);
  process.exit(64);
}
await (await load()).figure(Number(values.runs), values.runtime, Number(values.seed));
