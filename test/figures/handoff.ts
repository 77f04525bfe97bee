import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import Database from "better-sqlite3";
import { pause, TeamRoom, until } from "../team-room.ts";

const LEFT = "left-to-do-992";

/** Where the kill found it, counted. */
type Tally = Record<"nothing stored" | "record open" | "record completed", number>;

/**
 * `ov handoff` is killed with SIGKILL at random moments of it. At no look do two programs of the
 * agent run; after `ov resume` one does, in the one pane, with what was left to do in its hands.
 */
export async function figure(runs: number): Promise<void> {
  const room = new TeamRoom();
  const tally: Tally = { "nothing stored": 0, "record open": 0, "record completed": 0 };
  try {
    await room.json("sling", "t-1", "--name", "bo", "--prompt", "build-it-4471");
    await room.becomes("bo", "idle");
    await room.json("checkpoint", "--agent", "bo", "--pending", LEFT);
    const ms = await lengthOf(room);
    let good = 0;
    for (let n = 0; n < runs; n++) {
      const wrong = await trial(room, Math.random() * ms, tally).catch(String);
      if (wrong === "") good++;
      else console.log(`${n}: ${wrong}`);
    }
    if (good < runs) process.exitCode = 1;
    console.log(`${good} of ${runs}, killed within ${Math.round(ms)} ms:`, tally);
  } finally {
    await room.close();
  }
}

/** The longest of three that nobody kills, ms. */
async function lengthOf(room: TeamRoom): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < 3; n++) {
    const start = performance.now();
    await room.json("handoff", "bo", "--wait", "0");
    times.push(performance.now() - start);
    await room.becomes("bo", "idle");
  }
  return Math.max(...times);
}

/** What was wrong, or nothing. */
async function trial(room: TeamRoom, ms: number, tally: Tally): Promise<string> {
  const before = liveSession(room);
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, programs(room).length);
  }, 10);
  try {
    const handoff = room.start(["handoff", "bo", "--wait", "0"]);
    const ended = new Promise((done) => handoff.once("exit", done));
    await pause(ms);
    handoff.kill("SIGKILL");
    await ended;
    const record = noteOf(room, "handoff");
    if (record?.fromSessionId !== before) tally["nothing stored"]++;
    else tally[record.toSessionId === null ? "record open" : "record completed"]++;
    if (record?.fromSessionId !== before && programs(room).length === 0) return "ended, no record";
    if (record && record.checkpoint.pendingWork !== LEFT) return "the record lost what was left";
    await until("one that goes on", () => goesOn(room), Boolean, 60_000);
  } finally {
    clearInterval(watch);
  }
  if (most > 1) return `${most} programs ran`;
  const panes = room.tmux("list-panes", "-a", "-F", "#{window_name}").trim().split("\n");
  if (panes.length !== 1) return `panes: ${panes.join(" ")}`;
  const after = noteOf(room, "handoff");
  if (liveSession(room) === before) return "";
  if (after?.fromSessionId !== before && after?.toSessionId !== liveSession(room)) {
    return "the record is not of who lives";
  }
  if (after.toSessionId === null) return "the record stayed open";
  // A start that was broken off leaves a folder; the next one of that number has its own, as 5.2.
  const folder = Number(basename(live(room)?.dir ?? ""));
  return room.reached("bo", LEFT, folder) > 0 ? "" : "the successor knows of nothing";
}

/** `ov resume` until the agent is at work: a program that was told to end may still live at the first. */
async function goesOn(room: TeamRoom): Promise<boolean> {
  await room.ov(["resume", "bo"]);
  return (await room.state("bo")) === "idle" && programs(room).length === 1;
}

/** The pids of the agent's programs that live, of its newest sessions. */
function programs(room: TeamRoom): number[] {
  const folder = join(room.root, ".overture", "agents", "bo");
  const newest = readdirSync(folder)
    .map(Number)
    .filter(Boolean)
    .sort((a, b) => b - a)
    .slice(0, 4);
  return newest.map((n) => pidIn(join(folder, `${n}`))).filter(isAlive);
}

function pidIn(dir: string): number {
  try {
    return Number(readFileSync(join(dir, "pid"), "utf8"));
  } catch {
    return 0; // Its program has not begun.
  }
}

function isAlive(pid: number): boolean {
  try {
    if (pid > 0) process.kill(pid, 0);
    return pid > 0;
  } catch {
    return false;
  }
}

function ask<T>(room: TeamRoom, sql: string): T | undefined {
  const db = new Database(join(room.root, ".overture", "overture.db"), { readonly: true });
  try {
    return db.prepare<[], T>(sql).get();
  } finally {
    db.close();
  }
}

interface Live {
  id: string;
  dir: string;
}

const live = (room: TeamRoom) =>
  ask<Live>(room, "SELECT id, dir FROM sessions WHERE agent = 'bo' AND ended_at IS NULL");
const liveSession = (room: TeamRoom) => live(room)?.id;

function noteOf(room: TeamRoom, kind: string) {
  const sql = `SELECT body FROM notes WHERE kind = '${kind}' AND key = 'bo' ORDER BY version DESC LIMIT 1`;
  const note = ask<{ body: string }>(room, sql);
  return note && JSON.parse(note.body);
}
