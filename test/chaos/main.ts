import { fork, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { PROFILES } from "../../src/adapters/runtimes/scripted/profiles.ts";
import { KITS } from "../agents/kits.ts";
import { readArguments } from "../arguments.ts";
import { Lane, serve } from "./lane.ts";
import { OWN } from "./machine.ts";
import { type Schedule, schedule, shorter } from "./schedule.ts";
import { type Played, print } from "./table.ts";

const USAGE = `usage: scripts/chaos [--schedules N] [--seed N] [--lanes N] [--profile NAME,…|all | --runtime NAME,…|all]
                     [--replay FILE] [--until broken] [--shrink] [--json] [--quiet]
                     [--mutations | --without GUARD]`;

const { values } = readArguments(USAGE, {
  options: {
    lane: { type: "boolean", default: false },
    schedules: { type: "string", default: "20" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    profile: { type: "string", default: "all" },
    runtime: { type: "string" },
    lanes: { type: "string", default: "4" },
    replay: { type: "string" },
    until: { type: "string" },
    shrink: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    quiet: { type: "boolean", default: false },
  },
});

if (values.lane) serve();
else await main();

function plans(): Schedule[] {
  if (values.replay !== undefined) return JSON.parse(readFileSync(values.replay, "utf8"));
  const { runtime, profile } = values;
  const names = runtime
    ? known("runtime", runtime, KITS).map((name) => `real:${name}`)
    : known("profile", profile, PROFILES);
  const seeds = Array.from({ length: Number(values.schedules) }, (_, n) => Number(values.seed) + n);
  return names.flatMap((name) => seeds.map((seed) => schedule(seed, name)));
}

/** The names of a comma list, or of all; ends the run for one that does not exist. */
function known(what: string, list: string, from: object): string[] {
  const names = list === "all" ? Object.keys(from) : list.split(",");
  const unknown = names.find((name) => !(name in from));
  if (unknown === undefined) return names;
  console.error(`no ${what} "${unknown}"; there are: all, ${Object.keys(from).join(", ")}`);
  process.exit(64);
}

async function main(): Promise<void> {
  const todo = plans();
  const total = todo.length;
  if (!values.json) console.log(`chaos: ${total} schedules from seed ${values.seed}`);
  const began = Date.now();
  const done = await playAll(todo);
  const failed = done.filter(({ verdict }) => verdict.broken.length > 0);
  if (values.shrink && failed[0]) console.log(JSON.stringify(await shrink(failed[0].plan)));
  if (values.json) console.log(JSON.stringify({ ms: Date.now() - began, done }));
  else print(done, Date.now() - began);
  const isShort = done.length < total && values.until === undefined;
  if (total === 0) console.error("chaos: nothing was played");
  else if (isShort) console.error(`chaos: ${total - done.length} of ${total} were not played`);
  process.exitCode = failed.length > 0 || isShort || total === 0 ? 1 : 0;
}

/** How a lane is started in namespaces of its own, where this user may have some. */
function ownPlace(): { execPath?: string; execArgv?: string[]; env?: NodeJS.ProcessEnv } {
  const isOwn = process.platform === "linux" && spawnSync("unshare", [...OWN, "true"]).status === 0;
  if (!isOwn) {
    console.error("chaos: no namespaces here; full disks and the end of inotify are not played");
    return {};
  }
  const env = { ...process.env, OV_CHAOS_OWN: "1" };
  return { execPath: "unshare", execArgv: [...OWN, process.execPath], env };
}

/** One process a lane; each takes the next plan when it has played one. */
async function playAll(todo: Schedule[]): Promise<Played[]> {
  const done: Played[] = [];
  const own = ownPlace();
  let isOver = false;
  const lane = () =>
    new Promise<void>((ended) => {
      const child = fork(process.argv[1]!, ["--lane"], {
        ...own,
        stdio: ["ignore", "inherit", "inherit", "ipc"],
      });
      const next = () => void child.send(isOver ? "end" : (todo.shift() ?? "end"));
      child.on("message", (played: Played) => {
        done.push(played);
        const { plan, verdict } = played;
        if (verdict.broken.length > 0) {
          if (values.until === "broken") isOver = true;
          if (!values.json && !values.quiet) {
            console.log(`\nseed ${plan.seed} ${plan.profile}: ${verdict.broken.join("\n  ")}`);
            console.log(verdict.story?.join("\n"));
          }
        }
        next();
      });
      child.once("exit", () => ended());
      next();
    });
  await Promise.all(Array.from({ length: Number(values.lanes) }, lane));
  return done;
}

/** The shortest schedule that still fails in this process, by leaving acts out. */
async function shrink(plan: Schedule): Promise<Schedule> {
  const lane = new Lane();
  try {
    for (let found = true; found; ) {
      found = false;
      for (const candidate of shorter(plan)) {
        if ((await lane.play(candidate)).broken.length === 0) continue;
        plan = candidate;
        found = true;
        break;
      }
    }
  } finally {
    await lane.close();
  }
  return plan;
}
