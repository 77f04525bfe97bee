import {
  appendFileSync,
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { send, sh } from "../cli/post.ts";
import { TeamRoom } from "../team-room.ts";
import { examine, idsOf, isFixed, meddle, only } from "./ward.ts";

let room: TeamRoom;
beforeEach(() => {
  room = new TeamRoom();
});
afterEach(() => room.close());

const at = (...names: string[]) => join(room.root, ".overture", ...names);
const file = () => at("overture.db");
const HOUR = 3_600_000;

describe("a database that is broken", () => {
  const bytes = () => readFileSync(file(), "latin1");
  const BROKEN: [string, () => void][] = [
    ["no database at all", () => writeFileSync(file(), "not a database, but text".repeat(400))],
    [
      "overwritten in its middle",
      () => {
        const whole = readFileSync(file());
        whole.fill(0xab, 4096 * 3, 4096 * 9);
        writeFileSync(file(), whole);
      },
    ],
    ["cut short", () => truncateSync(file(), 4096 * 4)],
  ];

  test.each(BROKEN)("%s: is said, not touched, and the way out is told", async (_, breaks) => {
    await send(room);
    breaks();
    const before = bytes();
    for (const args of [[], ["--fix"]]) {
      const report = await examine(room, args);
      expect(idsOf(report)).toEqual(["store-file"]);
      expect(report.code).toBe(1);
      expect(report.findings[0]).toMatchObject({
        level: "fail",
        fixed: false,
        evidence: expect.stringMatching(/overture\.db: .+/),
        fix: expect.stringMatching(/mkdir -p .*broken.* mv .*letters.*lost/s),
      });
      expect(bytes()).toBe(before);
    }
    rmSync(file());
    await room.ov(["init"]);
  });

  test("the commands that are told move it aside, and ov works again", async () => {
    writeFileSync(file(), "not a database".repeat(400));
    const { fix } = await only(room, "store-file");
    const command = fix.split("\n").find((line) => line.includes("mkdir"))!;
    expect((await sh(room, command)).code).toBe(0);
    expect(existsSync(at("broken", "overture.db"))).toBe(true);
    expect((await room.json("mail", "check")).messages).toEqual([]);
    expect((await examine(room)).findings).toEqual([]);
  });

  test("what is in the store is not asked, and that is said", async () => {
    writeFileSync(file(), "not a database".repeat(400));
    const { checks } = await examine(room);
    const skipped = checks.filter(({ level }) => level === "skipped").map(({ id }) => id);
    expect(skipped).toEqual(expect.arrayContaining(["markers", "leases", "sessions-gone"]));
    rmSync(file());
  });
});

test("a database of a newer Overture is left alone", async () => {
  meddle(room, "PRAGMA user_version = 999");
  const { level, evidence } = await only(room, "store-file");
  expect([level, evidence]).toEqual([
    "fail",
    expect.stringMatching(/schema 999, this one knows \d+/),
  ]);
  await examine(room, ["--fix"]);
  const db = new Database(file());
  expect(db.pragma("user_version", { simple: true })).toBe(999);
  db.close();
  rmSync(file());
});

test.each([
  ["that is gone", () => rmSync(file())],
  ["that is empty", () => truncateSync(file(), 0)],
])("a store %s is said, and an empty one made", async (_, breaks) => {
  breaks();
  expect((await only(room, "store-file")).level).toBe("warn");
  await isFixed(room, "store-file");
  expect(statSync(file()).mode & 0o777).toBe(0o600);
});

test("a row that refers to nothing is found", async () => {
  const db = new Database(file());
  db.pragma("foreign_keys = OFF");
  db.exec("INSERT INTO note_tags (tag, seq) VALUES ('lost', 999)");
  db.close();
  expect((await only(room, "store-references")).evidence).toBe("note_tags refers to notes");
});

test.each([
  ["the database", 0o644, () => file()],
  ["the folder", 0o755, () => at()],
  ["the markers' folder", 0o770, () => at("mail")],
])("%s with rights for others is put right", async (_, mode, path) => {
  const before = statSync(path()).mode & 0o777;
  chmodSync(path(), mode);
  expect((await only(room, "store-modes")).evidence).toContain(`mode ${mode.toString(8)}`);
  await isFixed(room, "store-modes");
  expect(statSync(path()).mode & 0o777).toBe(before);
});

test("a log that was not moved into the database for long is moved", async () => {
  const db = new Database(file());
  db.pragma("wal_autocheckpoint = 0");
  db.exec("CREATE TEMP TABLE t (x)");
  const insert = db.prepare("INSERT INTO events (at, kind, data) VALUES (0, 'big.one', ?)");
  for (let i = 0; i < 10; i++) insert.run("x".repeat(4_000_000));
  try {
    expect(statSync(`${file()}-wal`).size).toBeGreaterThan(32_000_000);
    expect((await only(room, "store-wal")).evidence).toMatch(/overture\.db-wal: \d+(\.\d)? MB/);
    await isFixed(room, "store-wal");
    expect(statSync(`${file()}-wal`).size).toBe(0);
  } finally {
    db.close();
  }
});

describe("leases", () => {
  const DEAD = "2147480000:abcd";
  test.each([
    ["still counts", HOUR],
    ["has run out", -HOUR],
  ])("one of a dead process that %s is freed", async (_, more) => {
    meddle(room, "INSERT INTO leases VALUES ('carrier', ?, ?)", DEAD, Date.now() + more);
    expect((await only(room, "leases")).what).toContain("carrier");
    await isFixed(room, "leases");
  });

  test("one of a process that lives stays", async () => {
    meddle(room, "INSERT INTO leases VALUES ('x', ?, ?)", `${process.pid}:a`, Date.now() + HOUR);
    expect((await examine(room, ["--fix"])).findings).toEqual([]);
  });
});

describe("markers", () => {
  test("a missing one is an error, and is set", async () => {
    await send(room, { to: "orchestrator" });
    rmSync(at("mail", "orchestrator"));
    expect(await only(room, "markers")).toMatchObject({
      level: "fail",
      evidence: expect.stringContaining(".overture/mail/orchestrator"),
    });
    await isFixed(room, "markers");
    const hook = await room.ov(["mail", "check", "--inject"], { input: "{}" });
    expect(hook.stdout).toContain("1 new message");
  });

  test("a whole folder that is gone is made again", async () => {
    await send(room, { to: "orchestrator" });
    rmSync(at("mail"), { recursive: true });
    await isFixed(room, "markers");
    expect(readdirSync(at("mail"))).toEqual(["orchestrator"]);
  });

  test("one too many is told, and no finding", async () => {
    writeFileSync(at("mail", "orchestrator"), "");
    const { findings, checks } = await examine(room);
    expect(findings).toEqual([]);
    expect(checks.find(({ id }) => id === "markers")!.said).toContain("1 marker");
  });
});

describe("letters", () => {
  const letter = () => send(room, { to: "orchestrator" });
  const set = (sql: string) => meddle(room, `UPDATE deliveries SET ${sql}`);

  test("one that is leased without an end is looked for again", async () => {
    const id = await letter();
    set("state = 'leased', lease_owner = 'x', door = 'command', lease_until = NULL");
    expect((await only(room, "letters-impossible")).what).toContain(id);
    const { findings } = await examine(room, ["--fix"]);
    expect(findings.find((one) => one.id === "letters-impossible")).toMatchObject({ fixed: true });
    expect((await room.json("mail", "check")).messages).toMatchObject([{ id }]);
  });

  test.each([
    ["queued in somebody's hands", "lease_owner = 'x'"],
    ["seen without a proof", "state = 'seen', seen_at = 1"],
    ["dead without a reason", "state = 'dead', dead_at = 1"],
  ])("one that is %s is told, with what to type", async (_, sql) => {
    const id = await letter();
    set(sql);
    const finding = (await examine(room)).findings.find((one) => one.id === "letters-impossible");
    expect(finding).toMatchObject({
      level: "fail",
      fix: expect.stringContaining(`ov mail read ${id}`),
    });
  });

  test("one that was taken by a reader who died is queued again", async () => {
    const id = await letter();
    set(
      `state = 'leased', lease_owner = 'x', door = 'command', attempts = 1, lease_until = ${Date.now() - HOUR}`,
    );
    expect((await only(room, "letters-taken")).evidence).toContain(id);
    await isFixed(room, "letters-taken");
    expect((await room.json("mail", "check")).messages).toMatchObject([{ id }]);
  });

  test("dead ones are counted, and where to look is told", async () => {
    const id = await letter();
    set("state = 'dead', reason = 'expired', dead_at = 1");
    const finding = await only(room, "letters-dead");
    expect(finding.evidence).toBe(`${id} to orchestrator: expired`);
    expect(finding.fix).toContain("ov mail dead");
  });

  test("one that an agent does not take for an hour is told with its reason", async () => {
    await room.ov(["sling", "t-1", "--name", "bo", "--prompt", "begin"]);
    await room.ov(["stop", "bo"]);
    const id = await send(room, { to: "bo", from: "cy" });
    expect((await examine(room)).findings).toEqual([]);
    meddle(room, "UPDATE messages SET created_at = ?", Date.now() - 2 * HOUR);
    const { evidence } = await only(room, "letters-waiting");
    expect(evidence).toBe(`${id} from cy to bo, 2h: the agent has no running session`);
  });

  test("one that waits for a person is no fault", async () => {
    await letter();
    meddle(room, "UPDATE messages SET created_at = ?", Date.now() - 48 * HOUR);
    expect((await examine(room)).findings).toEqual([]);
  });
});

test("a log that has grown is cut to its end", async () => {
  const log = at("deliver.log");
  writeFileSync(log, "", { mode: 0o600 });
  for (let i = 0; i < 6; i++) appendFileSync(log, "x".repeat(10_000_000));
  appendFileSync(log, "the end\n");
  expect((await only(room, "disk-used")).evidence).toContain("60.0 MB");
  await isFixed(room, "disk-used");
  expect(readFileSync(log, "utf8").slice(-9)).toBe("xthe end\n");
  expect(statSync(log).mode & 0o777).toBe(0o600);
});
