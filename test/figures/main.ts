import { parseArgs } from "node:util";

const FIGURES: Record<string, () => Promise<{ figure: (runs: number) => Promise<void> }>> = {
  wake: () => import("./wake.ts"),
  sweep: () => import("./sweep.ts"),
  reboot: () => import("./reboot.ts"),
  context: () => import("./context.ts"),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: "string", default: "50" } },
});
const load = FIGURES[positionals[0] ?? ""];
if (!load) {
  console.error(`usage: scripts/figures ${Object.keys(FIGURES).join("|")} [--runs N]`);
  process.exit(2);
}
await (await load()).figure(Number(values.runs));
