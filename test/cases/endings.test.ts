import { readFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDatabase } from "../../src/adapters/sqlite/database.ts";
import { MIGRATIONS } from "../../src/adapters/sqlite/migrations.ts";
import { TeamRoom } from "../team-room.ts";

let room: TeamRoom;
beforeEach(() => {
  room = new TeamRoom();
});
afterEach(() => room.close());

async function sling(name: string, prompt = "begin", state = "idle"): Promise<void> {
  await room.json("sling", `t-${name}`, "--name", name, "--prompt", prompt);
  await room.becomes(name, state);
}
/** How each session of an agent ended, oldest first. */
const endings = async (agent: string) =>
  (await room.json("inspect", agent)).sessions.map((one: { ending: unknown }) => one.ending);
const crashes = async () => (await room.json("metrics")).sessions.crashes;
const failures = async (agent: string) =>
  (await room.json("errors", "--agent", agent)).events.map((one: { kind: string }) => one.kind);
const back = async () =>
  (await room.json("resume", "--all")).agents.map((one: { agent: string }) => one.agent);

describe("what a person closed stays closed", () => {
  beforeEach(async () => {
    await sling("ada");
    await sling("bo");
    room.tmux("kill-session", "-t", "=ada");
  });

  test("when stop --all ends the server after it", async () => {
    await room.json("stop", "--all");
    expect(await back()).toEqual([]);
    expect(await endings("ada")).toEqual([{ kind: "quit", detail: "its pane was closed" }]);
  });

  test("when it was looked at, and stop of the last agent ends the server", async () => {
    await room.json("status");
    await room.json("stop", "bo");
    expect(await back()).toEqual([]);
    expect(await endings("ada")).toEqual([{ kind: "quit", detail: "its pane was closed" }]);
  });

  test("when resume --all has left it alone, and the server is killed then", async () => {
    expect(await back()).toEqual([]);
    await room.endServer("ov");
    expect(await back()).toEqual(["bo"]);
    expect(await endings("ada")).toEqual([{ kind: "quit", detail: "its pane was closed" }]);
  });

  test("when another agent was started meanwhile, and the server is killed then", async () => {
    await sling("eve");
    await room.endServer("ov");
    expect((await back()).sort()).toEqual(["bo", "eve"]);
  });
});

test("an agent that failed and was stopped then is not brought back", async () => {
  await sling("bo", "EXIT 3", "exited");
  await room.json("stop", "bo");
  expect(await back()).toEqual([]);
  expect(await endings("bo")).toEqual([{ kind: "crashed", detail: "exit code 3" }]);
});

test("an agent whose stop was killed in the middle stays stopped", async () => {
  await sling("bo");
  const db = new Database(join(room.root, ".overture", "overture.db"));
  // The first that ov stop writes.
  db.exec("UPDATE sessions SET closed = 1");
  db.close();
  process.kill(-Number(readFileSync(join(room.session("bo"), "pid"), "utf8")), "SIGKILL");
  await room.becomes("bo", "exited");
  expect(await back()).toEqual([]);
  await room.json("stop", "bo");
  expect(await endings("bo")).toEqual([{ kind: "asked", detail: "stopped" }]);
  expect(await crashes()).toBe(0);
});

test("a team whose server was killed, and that was stopped then, is not brought back", async () => {
  await sling("ada");
  await sling("bo");
  await room.endServer("ov");
  expect((await room.ov(["stop", "--all"])).stdout).toContain("ada was not running, and is not");
  expect(await back()).toEqual([]);
  expect(await endings("bo")).toEqual([{ kind: "lost", detail: "its tmux server is gone" }]);
  expect((await room.json("resume", "bo")).agents).toMatchObject([{ how: "primed" }]);
});

test("an exit code is quit or crashed for restarts, metrics, errors, inspect, trace and status alike", async () => {
  const kinds = { 0: "quit", 129: "quit", 130: "quit", 143: "quit", 1: "crashed", 137: "crashed" };
  const all = Object.entries(kinds).map(([code, kind]) => ({
    name: `bo-${code}`,
    isCrash: kind === "crashed",
    ending: { kind, detail: `exit code ${code}` },
    code,
  }));
  const crashed = all.filter(({ isCrash }) => isCrash).map(({ name }) => name);
  for (const { name, code } of all) await sling(name, `EXIT ${code}`, "exited");
  const { agents } = await room.json("status");
  for (const { name, ending } of all) {
    expect(agents).toContainEqual(expect.objectContaining({ name, ending }));
    expect(await room.json("explain", name)).toMatchObject({ ending });
  }
  expect((await back()).sort()).toEqual(crashed.sort());
  expect(await crashes()).toBe(crashed.length);
  for (const { name, ending, isCrash } of all) {
    if (!isCrash) await room.json("resume", name);
    expect(await endings(name)).toEqual([ending, null]);
    expect(await failures(name)).toEqual(isCrash ? ["session.ended"] : []);
    const { events } = await room.json("trace", name);
    const ended = events.filter((one: { kind: string }) => one.kind === "session.ended");
    expect(ended).toMatchObject([{ data: { ending } }]);
  }
});

test("a handover because an agent did not move is no crash", async () => {
  await sling("bo");
  await room.json("handoff", "bo", "--wait", "0", "--reason", "timeout");
  expect(await endings("bo")).toEqual([{ kind: "handed_over", detail: "timeout" }, null]);
  expect(await crashes()).toBe(0);
  expect(await failures("bo")).toEqual([]);
});

test("a session whose tmux server was killed is lost, also once it was brought back", async () => {
  await sling("bo");
  await room.endServer("ov");
  expect(await back()).toEqual(["bo"]);
  const lost = { kind: "lost", detail: "its tmux server is gone" };
  expect(await endings("bo")).toEqual([lost, null]);
  expect(await crashes()).toBe(1);
  expect(await failures("bo")).toEqual(["session.ended"]);
});

test("endings of an older store get their kind once, from its words", () => {
  const path = join(room.base, "old.db");
  const before = MIGRATIONS.findIndex((sql) => sql.includes("end_kind"));
  const old = new Database(path);
  for (const sql of MIGRATIONS.slice(0, before)) old.exec(sql);
  old.pragma(`user_version = ${before}`);
  const words: Record<string, string> = {
    stopped: "asked",
    released: "asked",
    "not adopted": "asked",
    "handed over: manual": "handed_over",
    "handed over: timeout": "handed_over",
    "handed over: crash": "crashed",
    "exit code 0": "quit",
    "exit code 129": "quit",
    "exit code 130": "quit",
    "exit code 143": "quit",
    "exit code 13": "crashed",
    "exit code 137": "crashed",
    "process 4711 has ended": "crashed",
    "its pane is gone": "quit",
  };
  const agent = "INSERT INTO agents (name, kind, role, created_at) VALUES ('bo', 'local', 'x', 1)";
  old.exec(agent);
  const session = old.prepare(
    `INSERT INTO sessions (id, agent, generation, runtime, pane, dir, started_at, ended_at, end_reason)
     VALUES (?, 'bo', ?, 'scripted', '{}', '', 1, ?, ?)`,
  );
  const event = old.prepare("INSERT INTO events (at, kind, agent, data) VALUES (1, ?, 'bo', ?)");
  Object.keys(words).forEach((reason, i) => {
    session.run(`s${i}`, i, 2, reason);
    event.run("session.ended", JSON.stringify({ session: `s${i}`, reason }));
  });
  session.run("live", 99, null, null);
  event.run("mail.held", JSON.stringify({ reason: "stopped" }));
  old.close();
  const db = openDatabase(path);
  const rows = db
    .prepare("SELECT end_reason, end_kind FROM sessions WHERE ended_at IS NOT NULL")
    .raw()
    .all() as [string, string][];
  expect(Object.fromEntries(rows)).toEqual({
    ...Object.fromEntries(Object.entries(words).filter(([text]) => !text.startsWith("handed"))),
    manual: "handed_over",
    timeout: "handed_over",
    "handed over: crash": "crashed",
  });
  const told = db.prepare("SELECT data FROM events WHERE kind = 'session.ended'").pluck().all();
  expect(told.map((data) => JSON.parse(data as string).ending.kind)).toEqual(Object.values(words));
  expect(db.prepare("SELECT end_kind FROM sessions WHERE id = 'live'").pluck().get()).toBe(null);
  const held = db.prepare("SELECT data FROM events WHERE kind = 'mail.held'").pluck().get();
  expect(held).toBe('{"reason":"stopped"}');
  const odd = "UPDATE sessions SET ended_at = 2, end_kind = 'odd' WHERE id = 'live'";
  expect(() => db.exec(odd)).toThrow(/CHECK/);
  db.close();
});
