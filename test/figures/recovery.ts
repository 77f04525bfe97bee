import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../team-room.ts";
import { generation, pidOf, type Scene, setScene } from "./scene.ts";

type Way = (scene: Scene) => Promise<string>;

const CONFIG = "restart:\n  backoffSeconds: 0.1\n";

/** Each ends bo in the middle of its work, and returns what its successor was given first. */
const WAYS: Record<string, Way> = {
  async crash(scene) {
    const carrier = scene.room.start(["watch"]);
    try {
      return await after(scene, () => void process.kill(-pidOf(scene.room), "SIGKILL"));
    } finally {
      await ended(carrier);
    }
  },
  handoff: (scene) =>
    after(scene, async () => void (await scene.room.json("handoff", "bo", "--wait", "0"))),
  async server(scene) {
    const carrier = scene.room.start(["watch"]);
    try {
      await until(
        "the carrier",
        () => scene.room.dispatcher()?.pid,
        (pid) => pid === carrier.pid,
      );
      return await after(scene, () => scene.room.endServer("ov"));
    } finally {
      await ended(carrier);
    }
  },
  all: (scene) =>
    after(scene, async () => {
      process.kill(-pidOf(scene.room), "SIGKILL");
      await scene.room.endServer("ov");
      await scene.room.json("resume", "--all");
    }),
  async compaction(scene) {
    // A conversation is compacted between two turns.
    await until(
      "the tool",
      () => scene.room.state("bo"),
      (state) => state === "idle",
      60_000,
    );
    await scene.prompt("/compact");
    const mark = join(scene.room.root, ".overture", "hooks", "bo.compacted");
    await until("the compaction", () => existsSync(mark), Boolean);
    await scene.room.becomes("bo", "idle", 60_000);
    const given = scene.mark();
    await scene.prompt("go on");
    return until("its next request", given, (text) => text.includes("go on"), 60_000);
  },
};

/** The first request of the session that comes after this one. */
async function after(scene: Scene, end: () => void | Promise<void>): Promise<string> {
  const before = generation(scene.room);
  await end();
  await until(
    "a successor",
    () => generation(scene.room),
    (n) => n > before,
    60_000,
  );
  return scene.first();
}

async function ended(carrier: ReturnType<Scene["room"]["start"]>): Promise<void> {
  carrier.kill("SIGTERM");
  await until(
    "the carrier's end",
    () => carrier.exitCode !== null || carrier.signalCode !== null,
    Boolean,
  );
}

/**
 * An agent is ended in the middle of its work in each of these ways; its successor's first request
 * must hold task, branch, changed file, what is left and the letter without an answer; the work is
 * finished, and nothing of it done twice.
 */
export async function figure(runs: number, runtime: string): Promise<void> {
  for (const [name, way] of Object.entries(WAYS)) {
    let good = 0;
    for (let n = 0; n < runs; n++) {
      const wrong = await trial(way, runtime, name === "compaction" ? 1 : 60).catch(String);
      if (wrong === "") good++;
      else console.log(`${name} ${n}: ${wrong}`);
    }
    console.log(`${name.padEnd(12)} ${good} of ${runs}`);
    if (good < runs) process.exitCode = 1;
  }
}

/** A prompt whose command may need a person's leave. */
async function work(scene: Scene, prompt: string, isDone: () => boolean): Promise<void> {
  await scene.prompt(prompt);
  await until(
    prompt,
    async () => {
      if (!isDone() && (await scene.room.state("bo")) === "waiting") {
        await scene.room.ov(["answer", "bo", "1"]);
      }
      return isDone();
    },
    Boolean,
    60_000,
  );
}

/** What was wrong, or nothing. */
async function trial(way: Way, runtime: string, seconds: number): Promise<string> {
  const scene = await setScene(runtime);
  const { room } = scene;
  try {
    const config = join(room.root, ".overture", "config.yaml");
    writeFileSync(config, `${readFileSync(config, "utf8")}${CONFIG}`);
    const tree = join(room.root, ".overture", "worktrees", "bo");
    const log = join(tree, "log.txt");
    const ask = ["--to", "bo", "--type", "question", "--wake", "--from", "lead-1"];
    const { id } = await room.json(
      "mail",
      "send",
      ...ask,
      "--subject",
      "which-port-88",
      "--body",
      "?",
    );
    await until(
      "the question",
      () => room.receipt(id, "bo"),
      ({ state }) => state === "seen",
    );
    await room.becomes("bo", "idle", 60_000);
    await room.json("checkpoint", "--agent", "bo", "--pending", "left-to-do-992");
    await work(scene, `RUN: echo once >>log.txt; sleep ${seconds}`, () => existsSync(log));

    const given = await way(scene);
    const facts = [scene.brief, "ov/bo/t-1", "log.txt", "left-to-do-992", id, "which-port-88"];
    const missing = facts.filter((fact) => !given.includes(fact));
    if (missing.length > 0) return `the successor was not given ${missing.join(", ")}`;
    await room.becomes("bo", "idle", 60_000);
    const isDone = () => readFileSync(log, "utf8").includes("end");
    await work(scene, "RUN: echo end >>log.txt", isDone);
    const text = readFileSync(log, "utf8");
    return text === "once\nend\n" ? "" : `done: ${JSON.stringify(text)}`;
  } finally {
    await scene.strike();
  }
}
