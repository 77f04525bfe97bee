// What the bench needs around it: a folder with projects of its own, a private tmux server, our
// store as a module, and clocks. Nothing of it is left behind.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

/** The table: what, median, against what, ratio, target. */
export const rows = [];
export const ms = (number) => `${number.toFixed(1)} ms`;
export function row(what, against, base, is, target) {
  const ratio = is / base;
  const verdict = target === undefined ? "" : `≤ ${target}×, ${ratio <= target ? "ok" : "over"}`;
  rows.push([what, ms(is), `${against}: ${ms(base)}`, `${ratio.toFixed(3)}×`, verdict]);
}

export const NODE = [process.execPath, "-e", "0"];
export const quoted = (argv) => argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");

export const OV = resolve("bin/ov");
const socket = `ov-bench-${process.pid}`;
const dir = realpathSync(mkdtempSync(join(tmpdir(), "ov-bench-")));
/** Packages are found from here. */
export const modules = resolve("node_modules", `.${socket}`);

const inherited = Object.entries(process.env).filter(
  ([key]) => !/^(OV_|OVERSTORY_|TMUX)/.test(key),
);
const env = { ...Object.fromEntries(inherited), TMUX_TMPDIR: dir };

export function run(file, args, options = {}) {
  return execFileSync(file, args, { env, encoding: "utf8", ...options });
}

/** A repository with an Overture project on our tmux server, without a rate limit. */
export function makeProject(name) {
  const root = join(dir, name);
  mkdirSync(root);
  const git = (...args) => run("git", args, { cwd: root });
  git("init", "-q", "-b", "main");
  git(
    ...["-c", "user.name=bench", "-c", "user.email=bench@example.org"],
    ...["commit", "-q", "--allow-empty", "-m", "first"],
  );
  run(OV, ["init", "--name", name], { cwd: root });
  const lines = [`project: {name: ${name}}`, `tmux: {socket: ${socket}}`, "runtime: scripted"];
  writeFileSync(
    join(root, ".overture", "config.yaml"),
    `${lines.join("\n")}\nmail: {ratePerMinute: 0, pairPerTenMinutes: 0}\n`,
  );
  return root;
}

/** The store and the use case that commands call, from src. */
export async function loadStore() {
  const outfile = join(modules, "store.mjs");
  await build({
    stdin: {
      contents: `export { openStore } from "./src/adapters/sqlite/store.ts";
        export { openDatabase } from "./src/adapters/sqlite/database.ts";
        export { markers } from "./src/adapters/project.ts";
        export { sendMail } from "./src/usecases/send-mail.ts";`,
      resolveDir: resolve("."),
    },
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["better-sqlite3"],
  });
  return import(pathToFileURL(outfile).href);
}

export function tmux(...args) {
  return spawnSync("tmux", ["-L", socket, "-f", "/dev/null", ...args], { env, encoding: "utf8" });
}

export function close() {
  tmux("kill-server");
  rmSync(dir, { recursive: true, force: true });
  rmSync(modules, { recursive: true, force: true });
}

export const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/**
 * Runs the commands in turn, round by round, so that a busy machine slows all of them alike.
 * `before` is not timed. A command is an argv, or a line that a shell repeats `times` times: a
 * start from sh costs less than one from Node. Returns the medians in ms.
 */
export function compare(rounds, commands) {
  const all = commands.map(() => []);
  for (let round = -2; round < rounds; round++) {
    for (const [i, { argv, line, times = 1, cwd, input = "", before }] of commands.entries()) {
      before?.();
      const loop = `i=0; while [ $i -lt ${times} ]; do ${line}; i=$((i + 1)); done`;
      const [file, ...args] = argv ?? ["sh", "-c", loop];
      const start = process.hrtime.bigint();
      const { status, stderr } = spawnSync(file, args, { cwd, env, input, encoding: "utf8" });
      const ms = Number(process.hrtime.bigint() - start) / 1e6 / times;
      if (status !== 0) throw new Error(`${file} ${args.join(" ")}: exit ${status}\n${stderr}`);
      if (round >= 0) all[i].push(ms);
    }
  }
  return all.map(median);
}
