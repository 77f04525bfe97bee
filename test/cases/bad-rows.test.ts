import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStore } from "../../src/adapters/sqlite/store.ts";
import { NO_LIMITS, sendMail } from "../../src/usecases/send-mail.ts";
import { TeamRoom } from "../team-room.ts";

const room = new TeamRoom();
const send = (...words: string[]) =>
  room.ov(["mail", "send", "--to", "bo", "--subject", "s", "--body", "b", ...words]);
const count = async () => (await room.json("mail", "list")).messages.length;
let bad: string;

/** Rows as another program, or an older Overture, may have left them. */
function spoil(id: string): void {
  const db = new Database(join(room.root, ".overture", "overture.db"));
  const far = Number.MAX_SAFE_INTEGER;
  db.prepare("UPDATE messages SET created_at = ?, expires_at = ?, payload = '{' WHERE id = ?").run(
    far,
    far,
    id,
  );
  db.prepare("UPDATE deliveries SET expires_at = ?, next_try_at = ?").run(far, far);
  db.prepare("UPDATE events SET at = ?, data = '{\u001b]' WHERE message = ?").run(far, id);
  db.prepare("UPDATE notes SET created_at = ?, expires_at = ? WHERE key = 'far'").run(far, far);
  db.close();
}

beforeAll(async () => {
  await room.json("agents", "add", "bo");
  bad = (await room.json(..."mail send --to bo --subject odd --body one".split(" "))).id;
  await room.json(..."mail send --to bo --subject right --body two".split(" "));
  await room.json("remember", "--key", "far", "one");
  await room.json("remember", "--key", "near", "two");
});
afterAll(() => room.close());

test("a message that would be kept for longer than ten years is refused, and nothing is stored", async () => {
  const before = await count();
  const { code, stderr } = await send("--expires", "99999999d");
  expect([code, stderr]).toEqual([64, expect.stringContaining("at most 3650d, ten years")]);
  expect(await count()).toBe(before);
});

test("a payload of more than 1 MiB is refused with the limit, and nothing is stored", async () => {
  const before = await count();
  const store = openStore(join(room.root, ".overture", "overture.db"));
  const payload = JSON.stringify("x".repeat(1_100_000));
  const message = { sender: "orchestrator", to: "bo", subject: "s", body: "b", payload };
  const rest = { type: "status", priority: "normal" } as const;
  try {
    expect(() => sendMail(store, { ...message, ...rest }, NO_LIMITS)).toThrow(
      expect.objectContaining({ kind: "refused", hint: expect.stringContaining("1 MiB") }),
    );
  } finally {
    store.close();
  }
  expect(await count()).toBe(before);
});

test("a note that would count for longer than ten years is refused", async () => {
  const { code, stderr } = await room.ov(["remember", "--expires", "999999999d", "x"]);
  expect([code, stderr]).toEqual([64, expect.stringContaining("at most 3650d")]);
});

test("a row that no date fits is shown, and so are all others", async () => {
  spoil(bad);
  const reads = [
    ["mail", "list"],
    ["mail", "search", "one"],
    ["mail", "read", bad],
    ["mail", "thread", bad],
    ["logs"],
    ["replay"],
    ["memory", "list"],
    ["memory", "show", "far"],
    ["status"],
    ["mail", "check", "--agent", "bo"],
  ];
  for (const words of reads) {
    for (const form of [[], ["--json"]]) {
      const { code, stdout, stderr } = await room.ov([...words, ...form]);
      expect([words, code, stderr]).toEqual([words, 0, ""]);
      expect(stdout).not.toMatch(/\u001b\]/);
      if (form.length > 0) expect(JSON.parse(stdout)).toMatchObject({ success: true });
    }
  }
  const subjects = (await room.json("mail", "list")).messages.map(
    ({ subject }: { subject: string }) => subject,
  );
  expect(subjects).toEqual(expect.arrayContaining(["odd", "right"]));
});
