// Prints how fast `ov` is, as ratios measured in one run. docs/speed.md says what and why.
import { mkdirSync } from "node:fs";
import { context } from "./benches/context.mjs";
import { recall } from "./benches/notes.mjs";
import { close, loadStore, modules, rows } from "./benches/room.mjs";
import { sling } from "./benches/sling.mjs";
import { bundling, starts } from "./benches/starts.mjs";
import { sizes, throughput } from "./benches/store.mjs";

const [flag, commit] = process.argv.slice(2);
if (flag === "--against" && commit) {
  const { against } = await import("./benches/against.mjs");
  process.exit((await against(commit)) > 0 ? 1 : 0);
}
if (flag !== undefined) {
  console.error("usage: scripts/bench [--against <commit>]");
  process.exit(64);
}

mkdirSync(modules);
try {
  const lib = await loadStore();
  starts(lib);
  sizes(lib);
  throughput(lib);
  recall(lib);
  await sling();
  await context();
  bundling();
} finally {
  close();
}

const table = [["what", "median", "against", "ratio", "target"], ...rows];
const widths = table[0].map((_, i) => Math.max(...table.map((cells) => cells[i].length)));
table.splice(
  1,
  0,
  widths.map((width) => "-".repeat(width)),
);
for (const cells of table) {
  console.log(`| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`);
}
