import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { random } from "../chaos/schedule.ts";
import { OV, TeamRoom } from "../team-room.ts";
import { ACTS, playWaiter } from "./hook-waiter.ts";

/** What a runtime gives a hook. */
const LIMIT_MS = 5_000;

interface Dice {
  of<T>(values: readonly T[]): T;
  chance(share: number): boolean;
}

function dice(seed: number): Dice {
  const next = random(seed);
  return {
    of: (values) => values[Math.floor(next() * values.length)]!,
    chance: (share) => next() < share,
  };
}

interface Call {
  argv: string[];
  stdin: string | undefined;
  env: Record<string, string>;
  /** What is done to the project's files before it, and undone after it. */
  harm: string;
}

export interface Verdict {
  calls: number;
  /** One line for each call that broke a promise, with its number. */
  broken: string[];
  /** The longest call. */
  ms: number;
}

const EVENTS = ["SessionStart", "UserPromptSubmit", "PostToolUse", "PreCompact", "Stop", "Odd", ""];
const ODD = [
  "",
  "--",
  "-",
  "a b",
  "../x",
  "ü🙂",
  "\u001b[31m",
  "$(id)",
  "'",
  '"',
  "-1",
  "1e9",
  "x".repeat(3_000),
];
const WORDS = [
  "--bogus",
  "--json",
  "--quiet",
  "--debounce",
  "--limit",
  "--runtime",
  "--learn",
  "--stdin",
  "--agent",
  "--moment",
  "--event",
];
/** What may stand before a verb. */
const BEFORE = [["--json"], ["--quiet"], ["--project", "."], ["--project=/nowhere"], ["--timing"]];
const STDIN = [
  "",
  "{",
  "null",
  "7",
  "[]",
  "{}",
  '{"hook_event_name":5}',
  '{"session_id":{}}',
  "\u0000",
  "x".repeat(200_000),
];

function argvOf(roll: Dice): string[] {
  const event = roll.of(EVENTS);
  const base = roll.of([
    () => ["mail", "check", "--inject", "--event", event],
    () => ["mail", "check", "--inject", "--agent", roll.of(["bo", "orchestrator", ...ODD])],
    () => ["mail", "check", `--event=${event}`],
    () => [
      "mail",
      "check",
      "--inject",
      "--agent",
      "bo",
      "--debounce",
      roll.of(["500", "30000", ...ODD]),
    ],
    () => [
      "log",
      roll.of(["tool-start", "tool-end", "session-end", ...ODD]),
      "--agent",
      "bo",
      "--stdin",
    ],
    () => ["log"],
    () => [
      "checkpoint",
      "--agent",
      roll.of(["bo", ...ODD]),
      "--moment",
      roll.of(["turn", "compaction", ...ODD]),
    ],
  ])();
  const more = roll.chance(0.5)
    ? []
    : [roll.of(WORDS), ...(roll.chance(0.5) ? [roll.of(ODD)] : [])];
  const before = roll.chance(0.2) ? roll.of(BEFORE) : [];
  return [...before, ...base, ...more];
}

const VARIABLES: Record<string, readonly string[]> = {
  OV_AGENT: ["bo", "", "../x", "nobody", "all"],
  OV_SESSION: ["", "session-x", "'"],
  OV_ROOT: ["", "/nowhere", "foo", "-x", "/"],
  OVERSTORY_AGENT_NAME: ["bo", "", "a b"],
  OVERSTORY_PROJECT_ROOT: ["", "foo", "/nowhere", "-"],
  OV_NODE: ["/nowhere/node", "/bin/true"],
  OV_KEEP_NODE: ["/nowhere", "x"],
  NODE_OPTIONS: ["--require /no/such.js", "--bogus", "--max-old-space-size=x"],
  PATH: ["", "/nowhere", "/usr/bin:/bin"],
  HOME: ["", "/nowhere"],
  TMUX: ["", "x,1,0", ",,"],
  TMUX_PANE: ["", "%0", "%x"],
  LANG: ["", "C", "xx_XX.nope"],
  TMPDIR: ["/nowhere"],
  GIT_DIR: ["/nowhere"],
};

/** Each leaves the project as it was when it is undone. */
function harms(room: TeamRoom): Record<string, () => () => void> {
  const at = (name: string) => join(room.root, ".overture", name);
  const text = (name: string, value: string) => () => {
    const kept = readFileSync(at(name));
    writeFileSync(at(name), value);
    return () => writeFileSync(at(name), kept);
  };
  const folder = (name: string) => () => {
    rmSync(at(name), { recursive: true, force: true });
    return () => void mkdirSync(at(name), { recursive: true, mode: 0o700 });
  };
  const none = () => () => undefined;
  return {
    nothing: none,
    "broken config": text("config.yaml", "project: [\n"),
    "empty config": text("config.yaml", ""),
    "unknown setting": text("config.yaml", "project:\n  name: p\nnosuch: 1\n"),
    "another Node": () => {
      writeFileSync(at("node"), `/gone/node\n${room.root}\n`);
      return () => rmSync(at("node"), { force: true });
    },
    "broken store": () => {
      const kept = readFileSync(at("overture.db"));
      for (const end of ["-wal", "-shm"]) rmSync(at(`overture.db${end}`), { force: true });
      writeFileSync(at("overture.db"), "no database".repeat(500));
      return () => {
        for (const end of ["-wal", "-shm"]) rmSync(at(`overture.db${end}`), { force: true });
        writeFileSync(at("overture.db"), kept);
      };
    },
    "locked store": () => {
      const db = new Database(at("overture.db"));
      db.exec("BEGIN EXCLUSIVE");
      return () => void db.close();
    },
    "no hooks folder": folder("hooks"),
    "a mark of a compaction": () => {
      appendFileSync(at("hooks/bo.compacted"), "");
      return () => rmSync(at("hooks/bo.compacted"), { force: true });
    },
  };
}

const draw = (roll: Dice, names: readonly string[]): Call => ({
  argv: argvOf(roll),
  stdin: roll.chance(0.1) ? undefined : roll.of(STDIN),
  env: Object.fromEntries(
    Object.entries(VARIABLES)
      .filter(() => roll.chance(0.15))
      .map(([name, values]) => [name, roll.of(values)]),
  ),
  harm: roll.chance(0.6) ? "nothing" : roll.of(names),
});

interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
  ms: number;
}

/** A call as a runtime makes it; where nothing is said on stdin, its end stays open. */
async function playHook(
  cwd: string,
  { argv, stdin }: Call,
  env: NodeJS.ProcessEnv,
  verdict: Verdict,
): Promise<Outcome> {
  const outcome = await new Promise<Outcome>((done) => {
    const begun = Date.now();
    const child = spawn(OV, argv, { cwd, env });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => (stdout += chunk));
    child.stderr.on("data", (chunk) => (stderr += chunk));
    child.stdin.on("error", () => undefined);
    if (stdin !== undefined) child.stdin.end(stdin);
    child.on("error", (error) => done({ code: 2, stdout, stderr: String(error), ms: 0 }));
    child.on("close", (code) => done({ code, stdout, stderr, ms: Date.now() - begun }));
  });
  verdict.ms = Math.max(verdict.ms, outcome.ms);
  return outcome;
}

/** A line of a stack trace, of Node or of a shell. */
const TRACE = /^\s+at .*[:(]\d+|node:internal|: \d+: .*(not found|cannot|Illegal|parameter)/m;

function wrongWith({ code, stdout, stderr, ms }: Outcome): string | undefined {
  if (code !== 0) return `exit code ${code}: ${stderr.slice(0, 200)}`;
  if (TRACE.test(stdout + stderr)) return `a trace: ${(stdout + stderr).slice(0, 300)}`;
  if (stderr !== "") return `it said: ${stderr.slice(0, 200)}`;
  return ms > LIMIT_MS ? `it took ${ms} ms` : undefined;
}

/** Random calls of hooks, each as a runtime would make it; the same seed is the same calls. */
export async function fuzz(runs: number, seed: number): Promise<Verdict> {
  const roll = dice(seed);
  const room = new TeamRoom();
  const verdict: Verdict = { calls: 0, broken: [], ms: 0 };
  try {
    await room.json("agents", "add", "bo");
    mkdirSync(join(room.root, ".overture", "agents", "bo"), { recursive: true });
    const known = harms(room);
    for (let n = 0; n < runs; n++) {
      const call = draw(roll, Object.keys(known));
      if (n % 20 === 0)
        await room.ov(["mail", "send", "--to", "bo", "--subject", "s", "--body", "b"]);
      const undo = known[call.harm]!();
      const env = { ...room.env, ...call.env };
      const wrong = roll.chance(0.05)
        ? await playWaiter(room.base, n, roll.of(ACTS), env)
        : wrongWith(await playHook(room.root, call, env, verdict));
      undo();
      verdict.calls++;
      if (wrong) verdict.broken.push(`${n} ${JSON.stringify(call)}: ${wrong}`);
    }
  } finally {
    await room.close();
  }
  return verdict;
}

/** `scripts/figures hooks --runs 10000 --seed 1` */
export async function figure(runs: number, _runtime: string, seed: number): Promise<void> {
  console.log(`seed ${seed}`);
  const { calls, broken, ms } = await fuzz(runs, seed);
  for (const line of broken) console.log(line);
  console.log(
    `${calls} calls of hooks: ${broken.length} broke a promise; the longest took ${ms} ms`,
  );
  if (broken.length > 0 || calls !== runs) process.exitCode = 1;
}
