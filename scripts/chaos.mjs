// Builds what chaos plays on, and plays: the product as it is, or a copy without one guard.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { bundle } from "./bundle.mjs";
import { GUARDS, without } from "./chaos-guards.mjs";

/**
 * The launcher, and before it the death of a hook: while `chaos-kill` is there, the next hook with
 * mail to look at gets SIGKILL after so many seconds.
 */
const LAUNCHER = `#!/bin/sh
real=\${0%/*}/ov.real
kill=\${OV_ROOT:-.}/.overture/chaos-kill
if [ "\${1-}\${2-}" = mailcheck ] && [ -e "$kill" ] && [ -e "$OV_ROOT/.overture/mail/\${OV_AGENT:-}" ]; then
  after=$(cat "$kill") && rm "$kill" 2>/dev/null && exec timeout -s KILL "$after" "$real" "$@"
fi
exec "$real" "$@"
`;

const SIGNALS = ["SIGINT", "SIGTERM"];

/** A copy of the installed package in \`home\`, with the player beside it. */
async function install(home, guard) {
  const plugins = guard === undefined ? [] : [without(guard)];
  mkdirSync(join(home, "bin"));
  for (const name of ["node_modules", "templates", "package.json", "test"]) {
    symlinkSync(resolve(name), join(home, name));
  }
  copyFileSync("bin/ov", join(home, "bin", "ov.real"));
  writeFileSync(join(home, "bin", "ov"), LAUNCHER);
  for (const name of ["ov", "ov.real"]) chmodSync(join(home, "bin", name), 0o755);
  await bundle(join(home, "dist"), plugins);
  await build({
    entryPoints: ["test/chaos/main.ts"],
    outfile: join(home, "chaos.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["better-sqlite3"],
    logLevel: "warning",
    banner: {
      js: 'import { createRequire as ovRequire } from "node:module"; const require = ovRequire(import.meta.url);',
    },
    plugins,
  });
}

/** Plays; a signal ends the lanes first, with all that they have started. */
async function run(guard, args, stdout) {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "ov-chaos-")));
  try {
    await install(home, guard);
    const command = [join(home, "chaos.mjs"), ...args];
    const env = { ...process.env, OV_TEST_ROOMS: join(home, "rooms") };
    const stdio = ["ignore", stdout, "inherit"];
    const child = spawn(process.execPath, command, { cwd: home, env, stdio });
    const stop = () => child.kill("SIGTERM");
    for (const signal of SIGNALS) process.on(signal, stop);
    const said = [];
    child.stdout?.on("data", (bytes) => said.push(bytes));
    // Not "exit": the lanes have its output open until they have ended.
    const [status] = await once(child, "close");
    for (const signal of SIGNALS) process.off(signal, stop);
    return { status, stdout: Buffer.concat(said) };
  } finally {
    const left = endAll(home);
    rmSync(home, { recursive: true, force: true });
    if (left.length > 0) console.error(`chaos: ended what lanes left running:\n${left.join("\n")}`);
  }
}

/** Ends all, until none is found: one may start another just before it is ended. */
function endAll(home) {
  const lines = [];
  for (let found = endFound(home); found.length > 0; found = endFound(home)) lines.push(...found);
  return lines;
}

/**
 * Ends every process that a lane started and left, such as one that crashed: each has the run's
 * own folder in its environment, which no other process has. Returns their command lines.
 */
function endFound(home) {
  const found = (existsSync("/proc/self/environ") ? readdirSync("/proc") : withEnvironment())
    .filter((row) => /^\s*\d+/.test(row))
    .filter((row) => (/^\d+$/.test(row) ? environOf(row) : row).includes(home))
    .map((row) => Number.parseInt(row, 10))
    .filter((pid) => pid !== process.pid);
  const lines = found.map((pid) => `${pid} ${commandOf(pid)}`);
  for (const pid of found) kill(pid);
  return lines;
}

const commandOf = (pid) =>
  spawnSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" }).stdout.trim();

/** Every process with its environment, a line each, as macOS prints them. */
const withEnvironment = () =>
  spawnSync("ps", ["-AwwE", "-o", "pid=,args="], { encoding: "utf8" }).stdout.split("\n");

/** Empty for a process that has ended, or is another user's. */
function environOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    return "";
  }
}

function kill(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

/** Takes each guard out in turn; says which promise broke first, and after how many schedules. */
async function mutations(args, only) {
  let missed = 0;
  for (const guard of only ? only.split(",") : Object.keys(GUARDS)) {
    const options = [...args, "--until", "broken", "--json"];
    const { stdout } = await run(guard, options, "pipe");
    const { done } = JSON.parse(stdout.toString());
    const at = done.findIndex(({ verdict }) => verdict.broken.length > 0);
    if (at < 0) missed++;
    const first = at < 0 ? "NOT CAUGHT" : done[at].verdict.broken[0].split("\n")[0].slice(0, 90);
    const who = at < 0 ? "" : `${done[at].plan.profile} ${done[at].plan.seed}`;
    const after = String(at < 0 ? done.length : at + 1).padStart(5);
    console.log(`${guard.padEnd(18)} ${after}  ${who.padEnd(15)} ${first}`);
  }
  return missed === 0 ? 0 : 1;
}

const args = process.argv.slice(2);
const take = (flag, hasValue) => {
  const at = args.indexOf(flag);
  return at < 0 ? undefined : args.splice(at, hasValue ? 2 : 1).at(-1);
};
const guard = take("--without", true);
const replay = args.indexOf("--replay");
if (replay >= 0 && existsSync(args[replay + 1] ?? "")) args[replay + 1] = resolve(args[replay + 1]);
if (take("--mutations", false)) process.exitCode = await mutations(args, guard);
else process.exitCode = (await run(guard, args, "inherit")).status ?? 1;
