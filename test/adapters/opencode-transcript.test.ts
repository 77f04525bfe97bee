import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { transcriptHas } from "../../src/adapters/runtimes/transcript.ts";
import { trace } from "../../src/domain/reply-line.ts";

const LETTER = `${trace("msg-1")} "..."]`;
let dir: string;
let db: Database.Database;
let clock = 0;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "ov-opencode-"));
  db = new Database(join(dir, "opencode.db"));
  db.pragma("journal_mode = WAL");
  db.exec(`CREATE TABLE message (id text PRIMARY KEY, session_id text, time_created int, data text);
    CREATE TABLE part (id text PRIMARY KEY, message_id text, session_id text, time_created int,
      data text)`);
});
afterEach(() => {
  db.close();
  rmSync(dir, { recursive: true });
});

function message(
  id: string,
  role: string,
  parts: object[],
  { session = "ses_1", parentID = "msg_1", at = ++clock } = {},
) {
  const own = JSON.stringify(role === "user" ? { role } : { role, parentID });
  db.prepare("INSERT INTO message VALUES (?, ?, ?, ?)").run(id, session, at, own);
  for (const [i, part] of parts.entries()) {
    const data = JSON.stringify(part);
    const insert = db.prepare("INSERT INTO part VALUES (?, ?, ?, ?, ?)");
    insert.run(`prt_${id}${i}`, id, session, at, data);
  }
}
const has = async (name = `opencode:${dir}/opencode.db#ses_1`) =>
  (await transcriptHas(name, [trace("msg-1"), trace("msg-2")])).has(trace("msg-1"));

test("a letter that is stored with its prompt is not given before the model has answered", async () => {
  message("msg_1", "user", [{ type: "text", text: LETTER, synthetic: true }]);
  expect(await has()).toBe(false);
  message("msg_2", "assistant", [{ type: "step-start" }]);
  expect(await has()).toBe(false);
  db.exec(
    `INSERT INTO part VALUES ('prt_9', 'msg_2', 'ses_1', 9, '{"type":"text","text":"noted"}')`,
  );
  expect(await has()).toBe(true);
});

test("a letter behind a tool's result is given when the next step has an answer", async () => {
  message("msg_1", "assistant", [
    { type: "tool", state: { status: "completed", output: `ok\n\n${LETTER}` } },
    { type: "step-finish" },
  ]);
  expect(await has()).toBe(false);
  message("msg_2", "assistant", [{ type: "tool", state: { status: "running" } }]);
  expect(await has()).toBe(true);
});

test("an answer that came before a queued prompt proves nothing of it", async () => {
  message("msg_1", "assistant", [{ type: "text", text: "word" }, { type: "step-finish" }]);
  message("msg_2", "user", [{ type: "text", text: LETTER }]);
  expect(await has()).toBe(false);
});

test("a letter that was queued as the call began is given with the next call, which read it", async () => {
  message("msg_1", "user", [{ type: "text", text: "run it" }]);
  message("msg_2", "user", [{ type: "text", text: LETTER }]);
  message("msg_3", "assistant", [{ type: "tool", state: { status: "running" } }]);
  expect(await has()).toBe(false);
  message("msg_4", "assistant", [{ type: "text", text: "noted" }], { parentID: "msg_2" });
  expect(await has()).toBe(true);
});

test("a letter that has its place before the newest prompt, and is stored behind the answer, waits", async () => {
  message("msg_1", "user", [{ type: "text", text: LETTER }], { at: 30 });
  message("msg_2", "user", [{ type: "text", text: "run it" }], { at: 10 });
  const call = [{ type: "tool", state: { status: "running" } }];
  message("msg_3", "assistant", call, { parentID: "msg_2", at: 20 });
  expect(await has()).toBe(false);
  message("msg_4", "assistant", [{ type: "text", text: "ok" }], { parentID: "msg_2", at: 40 });
  expect(await has()).toBe(true);
});

test("a letter before the newest prompt that a call read is given with it", async () => {
  message("msg_1", "user", [{ type: "text", text: LETTER }]);
  message("msg_2", "user", [{ type: "text", text: "and?" }]);
  message("msg_3", "assistant", [{ type: "text", text: "noted" }], { parentID: "msg_2" });
  expect(await has()).toBe(true);
});

test("another conversation, a missing database and a person's answer prove nothing", async () => {
  message("msg_1", "user", [{ type: "text", text: LETTER }]);
  message("msg_2", "user", [{ type: "text", text: "and?" }]);
  message("msg_3", "assistant", [{ type: "text", text: "noted" }], { session: "ses_2" });
  expect(await has()).toBe(false);
  expect(await has(`opencode:${dir}/none.db#ses_1`)).toBe(false);
  expect(await has(`opencode:${dir}/opencode.db`)).toBe(false);
});
