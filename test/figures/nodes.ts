import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** The oldest that is supported, the one that setup brings, and the newest. */
const NODES = ["22.23.3", "24.21.0", "26.10.0"];
const SCHEDULES = 60;

/**
 * The whole suite and chaos on each Node, in a clean clone of the last commit: the Nodes come from
 * npm, as in scripts/setup. `runs`: schedules of chaos a profile, at most 60.
 */
export async function figure(runs: number): Promise<void> {
  const base = mkdtempSync(join(tmpdir(), "ov-nodes-"));
  let failed = 0;
  try {
    for (const version of NODES) {
      const clone = join(base, version);
      execFileSync("git", ["clone", "--quiet", resolve("."), clone]);
      const env = { ...process.env, PATH: `${bring(base, version)}:${process.env.PATH}` };
      const steps: [string, string[]][] = [
        ["scripts/test", ["--reporter=dot"]],
        ["scripts/chaos", ["--seed", "1", "--schedules", String(Math.min(runs, SCHEDULES))]],
      ];
      for (const [script, words] of steps) {
        const options = { cwd: clone, env, encoding: "utf8" as const, maxBuffer: 1 << 28 };
        const { status, stdout, stderr } = spawnSync(join(clone, script), words, options);
        const said = `${stdout}${stderr}`.trim().split("\n");
        console.log(`Node ${version}: ${script}: exit ${status}`);
        console.log(said.slice(status === 0 ? -5 : -60).join("\n"));
        if (status !== 0) failed++;
      }
      rmSync(clone, { recursive: true, force: true });
    }
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
  process.exitCode = failed > 0 ? 1 : 0;
}

/** The folder of this Node's program. */
function bring(base: string, version: string): string {
  const folder = join(base, `node-${version}`);
  mkdirSync(folder);
  const name = `node-${process.platform}-${process.arch}`;
  const words = ["install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"];
  execFileSync("npm", [...words, `${name}@${version}`], { stdio: ["ignore", "ignore", "inherit"] });
  return join(folder, "node_modules", name, "bin");
}
