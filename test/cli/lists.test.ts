import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TeamRoom } from "../team-room.ts";

const room = new TeamRoom();
afterAll(() => room.close());

/** More messages than a list shows at once, without 2,000 calls of `ov`. */
const SENT = 1_500;
beforeAll(async () => {
  await room.json("agents", "add", "bo");
  const db = new Database(join(room.root, ".overture", "overture.db"));
  const message = db.prepare(
    `INSERT INTO messages (id, sender, address, type, subject, body, priority, thread, created_at)
     VALUES (?, 'orchestrator', 'bo', 'status', ?, 'words', 'normal', ?, ?)`,
  );
  const delivery = db.prepare(
    "INSERT INTO deliveries (seq, recipient, urgent, wake) VALUES (?, 'bo', 0, 0)",
  );
  const event = db.prepare("INSERT INTO events (at, kind, message) VALUES (?, 'mail.sent', ?)");
  for (let n = 1; n <= SENT; n++) {
    const id = `msg-${String(n).padStart(16, "0")}`;
    delivery.run(message.run(id, `s${n}`, id, n).lastInsertRowid);
    event.run(n, id);
  }
  db.close();
});

const words = (line: string) => line.trim().split(" ").slice(1);
const subjects = (list: { messages: { subject: string }[] }) =>
  list.messages.map(({ subject }) => Number(subject.slice(1)));
const upTo = (last: number, count: number) => Array.from({ length: count }, (_, i) => last - i);

test("a list of more than 1,000 is cut, and says how to see the rest", async () => {
  const first = await room.ov(["mail", "list", "--limit", "100000"]);
  expect(first.stdout.trim().split("\n")).toHaveLength(1_000);
  const next = /^More: (.+)$/m.exec(first.stderr)?.[1] ?? "";
  expect(next).toMatch(/^ov mail list --before msg-\d{16}$/);
  const rest = await room.json(...words(next), "--limit", "1000");
  expect([subjects(rest), rest.more]).toEqual([upTo(500, 500), false]);
});

test("JSON says whether there is more, and holds nothing else than was asked for", async () => {
  const three = await room.json("mail", "list", "--limit", "3");
  expect([subjects(three), three.more]).toEqual([[1_500, 1_499, 1_498], true]);
  const found = await room.json("mail", "search", "words", "--limit", "5");
  expect([found.messages.length, found.more]).toEqual([5, true]);
  const logs = await room.json("logs", "--kind", "mail", "--limit", "2");
  expect([logs.events.length, logs.more]).toEqual([2, true]);
});

test("a log goes back from its newest event, and a replay on from its first", async () => {
  const log = await room.ov(["logs", "--kind", "mail", "--limit", "2"]);
  const earlier = /^More: (.+)$/m.exec(log.stderr)?.[1] ?? "";
  expect(log.stdout).toMatch(/"s1499"\n.*"s1500"\n$/);
  const before = await room.ov([...words(earlier), "--kind", "mail", "--limit", "2"]);
  expect(before.stdout).toMatch(/"s1497"\n.*"s1498"\n$/);
  const replay = await room.ov(["replay", "--kind", "mail", "--limit", "2"]);
  const later = /^More: (.+)$/m.exec(replay.stderr)?.[1] ?? "";
  expect(replay.stdout).toMatch(/"s1"\n.*"s2"\n$/);
  const after = await room.ov([...words(later), "--kind", "mail", "--limit", "2"]);
  expect(after.stdout).toMatch(/"s3"\n.*"s4"\n$/);
});

test("a reader with more than 1,000 unread messages gets them in parts, each once", async () => {
  const parts = [];
  for (let part = 0; part < 3; part++)
    parts.push(await room.json("mail", "check", "--agent", "bo"));
  expect(parts.map(({ messages, waiting }) => [messages.length, waiting])).toEqual([
    [1_000, 500],
    [500, 0],
    [0, 0],
  ]);
  expect(new Set(parts.flatMap(subjects)).size).toBe(SENT);
});
