import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDatabase } from "../../src/adapters/sqlite/database.ts";

let dir: string;
beforeEach(() => {
  const rooms = process.env.OV_TEST_ROOMS ?? tmpdir();
  mkdirSync(rooms, { recursive: true });
  dir = mkdtempSync(join(rooms, "db-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test("a new database has the schema of test/schema.sql", () => {
  const db = openDatabase(join(dir, "a.db"));
  const rows = db
    .prepare(
      "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE '%fts_%' ORDER BY name",
    )
    .pluck()
    .all() as string[];
  db.close();
  const dump = `${rows.map((sql) => `${sql};`).join("\n\n")}\n`;
  expect(dump).toBe(readFileSync("test/schema.sql", "utf8"));
});

test("the file is private to its owner, with WAL and foreign keys", () => {
  const path = join(dir, "a.db");
  const db = openDatabase(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(db.pragma("journal_mode", { simple: true })).toBe("wal");
  expect(db.pragma("foreign_keys", { simple: true })).toBe(1);
  expect(db.pragma("busy_timeout", { simple: true })).toBeGreaterThan(1000);
  db.close();
});

test("a database of a newer Overture is refused and stays as it is", () => {
  const path = join(dir, "a.db");
  openDatabase(path).close();
  const raw = new Database(path);
  raw.pragma("user_version = 999");
  raw.close();
  expect(() => openDatabase(path)).toThrow(/newer Overture \(schema 999/);
  const after = new Database(path);
  expect(after.pragma("user_version", { simple: true })).toBe(999);
  after.close();
});

test("a fresh database that 20 processes open at once loses no letter", async () => {
  const { TeamRoom } = await import("../team-room.ts");
  const room = new TeamRoom();
  try {
    for (const end of ["", "-wal", "-shm"]) {
      rmSync(join(room.root, ".overture", `overture.db${end}`), { force: true });
    }
    const sends = Array.from({ length: 20 }, (_, i) =>
      room.json(
        "mail",
        "send",
        "--to",
        "orchestrator",
        "--from",
        `p${i}`,
        "--subject",
        "s",
        "--body",
        "b",
      ),
    );
    const ids = (await Promise.all(sends)).map(({ id }) => id);
    const { messages } = await room.json("mail", "list", "--limit", "100");
    expect(messages.map((m: { id: string }) => m.id).sort()).toEqual(ids.sort());
    const path = join(room.root, ".overture", "overture.db");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  } finally {
    await room.close();
  }
}, 240_000);
