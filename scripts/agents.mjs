// Writes docs/agents.md: what each real agent keeps of the contract, by version.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { table } from "./agents-table.mjs";

const PACKAGES = {
  claude: "@anthropic-ai/claude-code",
  codex: "@openai/codex",
  gemini: "@google/gemini-cli",
  opencode: "opencode-ai",
};
const MINUTES = 15;
const PAGE = "docs/agents.md";

const words = process.argv.slice(2);
const onlyPinned = words.includes("--pinned");
const named = words.filter((word) => !word.startsWith("--"));
const pinned = JSON.parse(readFileSync("test/agents/package.json", "utf8")).dependencies;
const base = mkdtempSync(join(tmpdir(), "ov-agents-"));

function newest(name) {
  return execFileSync("npm", ["view", name, "version"], { encoding: "utf8" }).trim();
}

/** The folder that has this version installed. */
function install(runtime, version) {
  const name = PACKAGES[runtime];
  if (version === pinned[name]) return "test/agents";
  const dir = join(base, `${runtime}-${version}`);
  mkdirSync(dir);
  const scripts = { [name]: true };
  const text = JSON.stringify({
    private: true,
    dependencies: { [name]: version },
    allowScripts: scripts,
  });
  writeFileSync(join(dir, "package.json"), text);
  execFileSync("npm", ["install", "--no-audit", "--no-fund"], { cwd: dir, stdio: "ignore" });
  return dir;
}

/** Titles with what became of them, and the door of each letter. */
function run(runtime, version) {
  const dir = install(runtime, version);
  const report = join(base, `${runtime}-${version}.json`);
  const doors = join(base, `${runtime}-${version}.doors`);
  writeFileSync(doors, "");
  const args = ["vitest", "run", `test/agents/${runtime}.test.ts`, "--reporter=json"];
  spawnSync("npx", [...args, `--outputFile.json=${report}`], {
    env: { ...process.env, OV_AGENTS_DIR: dir, OV_AGENT_DOORS: doors },
    stdio: ["ignore", "inherit", "inherit"],
    timeout: MINUTES * 60_000,
  });
  const suites = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")).testResults : [];
  const tests = suites.flatMap(({ assertionResults }) => assertionResults);
  const lines = readFileSync(doors, "utf8").split("\n").filter(Boolean);
  const date = new Date().toISOString().slice(0, 10);
  return { runtime, version, date, tests, doors: lines.map((line) => JSON.parse(line)) };
}

const rows = [];
try {
  for (const runtime of named.length > 0 ? named : Object.keys(PACKAGES)) {
    if (!PACKAGES[runtime]) throw new Error(`no agent "${runtime}": ${Object.keys(PACKAGES)}`);
    const version = pinned[PACKAGES[runtime]];
    const versions = onlyPinned ? [version] : [version, newest(PACKAGES[runtime])];
    for (const one of new Set(versions)) rows.push(run(runtime, one));
  }
} finally {
  rmSync(base, { recursive: true, force: true });
}
writeFileSync(PAGE, table(existsSync(PAGE) ? readFileSync(PAGE, "utf8") : "", rows));
console.log(readFileSync(PAGE, "utf8"));
process.exitCode = rows.every(({ tests }) => tests.every(({ status }) => status === "passed"))
  ? 0
  : 1;
