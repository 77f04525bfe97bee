import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { TeamRoom } from "../team-room.ts";

/** What prints what is in the store; each is asked in a small and in a large one. */
const VIEWS = [
  ...["status", "status --json", "agents list", "agents list --json", "mail list", "mail dead"],
  ...["mail list --limit 100000", "mail list --unread", "mail search words", "feed", "logs"],
  ...["logs --limit 100000 --json", "replay --limit 100000", "errors", "trace w1", "inspect w1"],
  ...["explain w1", "metrics", "costs", "run list", "group list", "worktree list", "past w1"],
  ...["prime --agent w1", "memory list", "mail read msg-0000000000000003", "doctor"],
  ...["mail check --agent orchestrator --json"],
];
const SIZES = { small: [10, 10], middle: [10_000, 100], large: [100_000, 1_000] } as const;
const TIMES = 2;
const MORE_MB = 40;
const DOCTOR_TIMES = 10;
const LINEAR = 12;

/** A store as a team leaves it that has worked for long: half of the messages are unread. */
function fill(path: string, [messages, agents]: readonly [number, number]): void {
  const db = new Database(path);
  const now = Date.now();
  db.exec("BEGIN");
  const agent = db.prepare(
    `INSERT INTO agents (name, kind, role, runtime, task, created_at)
     VALUES (?, 'local', 'builder', 'scripted', ?, ?)`,
  );
  const session = db.prepare(
    `INSERT INTO sessions (id, agent, generation, runtime, pane, dir, started_at, ended_at,
       end_reason, end_kind) VALUES (?, ?, 1, 'scripted', '{}', ?, ?, ?, 'stopped', 'asked')`,
  );
  for (let i = 0; i < agents; i++) {
    agent.run(`w${i}`, `t-${i}`, now - 10_000_000);
    session.run(`session-${i}`, `w${i}`, `/nowhere/${i}`, now - 9_000_000, now - 8_000_000);
  }
  const message = db.prepare(
    `INSERT INTO messages (id, sender, address, type, subject, body, priority, thread, created_at)
     VALUES (?, ?, 'orchestrator', ?, ?, ?, 'normal', ?, ?)`,
  );
  const delivery = db.prepare(
    `INSERT INTO deliveries (seq, recipient, state, urgent, wake, seen_at, proof, offered_at)
     VALUES (?, ?, ?, 0, 0, ?, ?, ?)`,
  );
  const event = db.prepare(
    "INSERT INTO events (at, kind, agent, message, data) VALUES (?, 'mail.sent', ?, ?, '{}')",
  );
  for (let i = 0; i < messages; i++) {
    const id = `msg-${String(i).padStart(16, "0")}`;
    const [sender, at] = [`w${i % agents}`, now - 5_000_000 + i];
    const type = i % 100 === 0 ? "question" : "status";
    const text = `body of message ${i} with some words`;
    const { lastInsertRowid: seq } = message.run(id, sender, type, `subject ${i}`, text, id, at);
    const isSeen = i % 2 === 0;
    const reader = i % 4 === 0 ? `w${(i + 1) % agents}` : "orchestrator";
    const proof = isSeen ? [now, "command", now] : [null, null, null];
    delivery.run(seq, reader, isSeen ? "seen" : "queued", ...proof);
    event.run(at, sender, id);
  }
  db.exec("COMMIT");
  db.exec("INSERT INTO messages_fts (messages_fts) VALUES ('rebuild')");
  db.close();
}

interface Run {
  ms: number;
  mb: number;
  /** It says that there is more. */
  isCut: boolean;
}

/** Run by run, so that what else the machine does slows all sizes. */
async function run(room: TeamRoom, view: string): Promise<Run> {
  const script = join(room.base, "rss.cjs");
  writeFileSync(script, AT_EXIT);
  const began = performance.now();
  const env = { NODE_OPTIONS: `--require ${script}` };
  const { stdout, stderr } = await room.ov(view.split(" "), { env });
  const ms = performance.now() - began;
  const isCut = /"more":true|^More: |"waiting":[1-9]/m.test(stdout + stderr);
  return { ms, mb: Number(/RSS (\d+)/.exec(stderr)?.[1]) / 1024, isCut };
}

const AT_EXIT = `process.on("exit", () =>
  require("fs").writeSync(2, "\\nRSS " + process.resourceUsage().maxRSS + "\\n"));`;

/** Median by time. */
async function median(runs: number, room: TeamRoom, view: string): Promise<Run> {
  const all: Run[] = [];
  for (let n = 0; n < runs; n++) all.push(await run(room, view));
  return all.toSorted((a, b) => a.ms - b.ms)[Math.floor(all.length / 2)]!;
}

function bare(): number {
  const code = "console.log(process.resourceUsage().maxRSS)";
  return Number(execFileSync(process.execPath, ["-e", code], { encoding: "utf8" })) / 1024;
}

/** `--runs 3`: each view in a store of 100,000 messages and 1,000 agents, beside one of 10 and 10. */
export async function figure(runs: number): Promise<void> {
  const rooms = Object.entries(SIZES).map(([name, size]) => ({ name, size, room: new TeamRoom() }));
  try {
    for (const { room, size } of rooms) {
      await room.json("status");
      fill(join(room.root, ".overture", "overture.db"), size);
    }
    const least = bare();
    let failed = 0;
    console.log(
      `node -e 0: ${least.toFixed(0)} MB; ms and MB with 10, 10,000 and 100,000 messages`,
    );
    for (const view of VIEWS) {
      const found: Run[] = [];
      for (const { room } of rooms) found.push(await median(runs, room, view));
      const [small, middle, large] = found as [Run, Run, Run];
      const most = view === "doctor" ? DOCTOR_TIMES : TIMES;
      const isSlow = large.ms > most * small.ms && !large.isCut;
      const isLarge = large.mb > least + MORE_MB && !large.isCut && view !== "doctor";
      const isSteep = large.ms > LINEAR * middle.ms;
      const words = [isSlow && "slow", isLarge && "large", isSteep && "not linear"].filter(Boolean);
      failed += words.length;
      const cells = found.map(
        ({ ms, mb }) => `${ms.toFixed(0).padStart(6)} ms ${mb.toFixed(0)} MB`,
      );
      const end = words.length > 0 ? words.join(", ") : large.isCut ? "ok, says that it cut" : "ok";
      const times = `${(large.ms / small.ms).toFixed(1)}×`.padStart(6);
      console.log(`${view.padEnd(38)}${cells.join("  ")}${times}  ${end}`);
    }
    console.log(`${failed} over`);
    if (failed > 0) process.exitCode = 1;
  } finally {
    for (const { room } of rooms) await room.close();
  }
}
