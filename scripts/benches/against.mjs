// Compares this build with that of another commit: the same calls, in turn, on the same Node.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { median, ms } from "./room.mjs";

const ROUNDS = 30;
/** A line is `slower` when its median exceeds the other build's by more than both of these. */
const SHARE = 0.05;
const ALLOWED_MS = 3;
const MESSAGES = 100;
const READERS = 20;

const inherited = Object.entries(process.env).filter(
  ([key]) => !/^(OV_|OVERSTORY_|TMUX|GIT_)/.test(key),
);

/** Returns how many lines are slower than allowed. */
export async function against(commit) {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "ov-against-")));
  const path = `${dirname(process.execPath)}:${process.env.PATH}`;
  const env = { ...Object.fromEntries(inherited), PATH: path, TMUX_TMPDIR: dir, HOME: dir };
  const builds = [];
  try {
    const other = checkout(commit, join(dir, "other"), { ...env, HOME: process.env.HOME });
    for (const [name, home] of [
      ["this", resolve(".")],
      [commit, other],
    ]) {
      builds.push(await prepare(name, home, dir, env));
    }
    return print(await measure(builds, env), commit);
  } finally {
    for (const { ov, root } of builds) spawnSync(ov, ["stop", "--all"], { cwd: root, env });
    spawnSync("tmux", ["-L", "bench", "kill-server"], { env });
    rmSync(dir, { recursive: true, force: true });
  }
}

/** That commit, built, with its own packages: linked where they are the same as ours. */
function checkout(commit, folder, env) {
  const run = (file, args, cwd = folder) =>
    execFileSync(file, args, { cwd, env, stdio: ["ignore", "ignore", "inherit"] });
  run("git", ["clone", "--quiet", "--no-checkout", resolve("."), folder], resolve("."));
  run("git", ["checkout", "--quiet", commit]);
  const lock = (home) => readFileSync(join(home, "package-lock.json"), "utf8");
  if (lock(folder) === lock(resolve("."))) {
    cpSync(resolve("node_modules"), join(folder, "node_modules"), {
      recursive: true,
      verbatimSymlinks: true,
    });
  } else {
    run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    // Before version 13 its binary was compiled, or fetched, by a script.
    if (!existsSync(join(folder, "node_modules/better-sqlite3/prebuilds"))) {
      run("npm", ["rebuild", "better-sqlite3"]);
    }
  }
  run(process.execPath, ["scripts/build.mjs"]);
  return folder;
}

/** A project of a build's own, with a team that has mail. */
async function prepare(name, home, dir, env) {
  const ov = join(home, "bin", "ov");
  const root = join(dir, `project-${name === "this" ? "this" : "other"}`);
  mkdirSync(root);
  const run = (file, ...args) => execFileSync(file, args, { cwd: root, env, encoding: "utf8" });
  run("git", "init", "-q", "-b", "main");
  run("git", "config", "user.name", "bench");
  run("git", "config", "user.email", "bench@example.org");
  run("git", "commit", "-q", "--allow-empty", "-m", "first");
  run(ov, "init", "--name", "bench");
  writeFileSync(
    join(root, ".overture", "config.yaml"),
    "project: {name: bench}\ntmux: {socket: bench}\nruntime: scripted\n" +
      "mail: {ratePerMinute: 0, pairPerTenMinutes: 0}\n",
  );
  const send = (from, to) =>
    run(ov, ...["mail", "send", "--from", from, "--to", to, "--subject", "s", "--body", "b"]);
  const readers = Array.from({ length: READERS }, (_, n) => `reader-${n}`);
  for (const reader of readers) send(reader, "orchestrator");
  run(ov, "group", "create", "readers", ...readers);
  for (let n = 0; n < MESSAGES; n++) send("orchestrator", "@readers");
  return { name, ov, root, send };
}

const words = (line) => line.split(" ");
/** What is called, and what must be so before it; `until`: what ends the time of a start. */
const LINES = [
  { what: "hook without mail", args: words("mail check --inject --event Stop --agent nobody") },
  {
    what: "hook with 5 unread",
    args: words("mail check --inject --event Stop --agent reader-1"),
    before: ({ ov, root, send }, env) => {
      spawnSync(ov, words("mail check --agent reader-1"), { cwd: root, env });
      for (let n = 0; n < 5; n++) send("reader-2", "reader-1");
    },
  },
  {
    what: "mail send",
    args: words("mail send --from reader-3 --to reader-4 --subject s --body b"),
  },
  { what: "mail check", args: words("mail check --agent reader-5") },
  { what: "mail list", args: words("mail list --limit 20") },
  { what: "status", args: words("status") },
  { what: "explain", args: words("explain reader-6") },
  { what: "--version", args: ["--version"] },
  { what: "sling to its first command", args: [], until: firstCommand, rounds: 10 },
];

let starts = 0;
/** From the call to what the agent's first turn did. */
async function firstCommand({ ov, root }, env) {
  const name = `agent-${++starts}`;
  const file = join(root, name);
  const prompt = `RUN: touch '${file}'`;
  const args = ["sling", "t", "--name", name, "--runtime", "scripted", "--prompt", prompt];
  const began = process.hrtime.bigint();
  const child = spawn(ov, args, { cwd: root, env, stdio: "ignore" });
  const ended = new Promise((done) => child.on("exit", done));
  while (!existsSync(file)) await new Promise((done) => setTimeout(done, 2));
  const time = Number(process.hrtime.bigint() - began) / 1e6;
  await ended;
  spawnSync(ov, ["stop", name, "--clean-worktree", "--force"], { cwd: root, env });
  return time;
}

function call({ ov, root }, env, args) {
  const began = process.hrtime.bigint();
  const { status, stderr } = spawnSync(ov, args, { cwd: root, env, input: "{}", encoding: "utf8" });
  const time = Number(process.hrtime.bigint() - began) / 1e6;
  if (status !== 0) throw new Error(`${ov} ${args.join(" ")}: exit ${status}\n${stderr}`);
  return time;
}

async function measure(builds, env) {
  const rows = [];
  for (const { what, args, before, until, rounds = ROUNDS } of LINES) {
    const times = new Map(builds.map((build) => [build, []]));
    for (let round = -2; round < rounds; round++) {
      for (const build of round % 2 === 0 ? builds : builds.toReversed()) {
        before?.(build, env);
        const time = until ? await until(build, env) : call(build, env, args);
        if (round >= 0) times.get(build).push(time);
      }
    }
    rows.push([what, ...builds.map((build) => median(times.get(build)))]);
  }
  return rows;
}

function print(rows, commit) {
  console.log(`| what | this | ${commit} | ratio | |\n| --- | --- | --- | --- | --- |`);
  let slower = 0;
  for (const [what, is, was] of rows) {
    const isSlower = is - was > Math.max(SHARE * was, ALLOWED_MS);
    if (isSlower) slower++;
    const ratio = `${(is / was).toFixed(3)}×`;
    console.log(`| ${what} | ${ms(is)} | ${ms(was)} | ${ratio} | ${isSlower ? "slower" : "ok"} |`);
  }
  return slower;
}
