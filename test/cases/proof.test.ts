import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, expect, test } from "vitest";
import { secrets } from "../../src/adapters/offer-secrets.ts";
import { trace } from "../../src/domain/reply-line.ts";
import type { Proofs } from "../../src/ports/runtime.ts";
import { offerFinder } from "../../src/usecases/offers.ts";
import { TeamRoom } from "../team-room.ts";

const room = new TeamRoom();
afterAll(() => room.close());

let count = 0;
/** Somebody whose hooks name a conversation, which stands in a file. */
async function reader() {
  const name = `r${++count}`;
  await room.json("agents", "add", name);
  const transcript = join(room.base, `${name}.jsonl`);
  writeFileSync(transcript, "");
  const hook = async (event = "UserPromptSubmit") => {
    const input = { hook_event_name: event, session_id: name, transcript_path: transcript };
    const args = ["mail", "check", "--inject", "--event", event];
    const env = { OV_AGENT: name };
    const { code, stdout } = await room.ov(args, { env, input: JSON.stringify(input) });
    expect(code).toBe(0);
    return stdout;
  };
  /** The program writes down what it was given. */
  const keeps = (text: string) =>
    appendFileSync(transcript, `${JSON.stringify({ type: "user", content: text })}\n`);
  return { name, hook, keeps };
}

async function send(to: string, body: string, ...more: string[]): Promise<string> {
  const words = ["--to", to, "--from", "alice", "--subject", "s", "--body", body, ...more];
  return (await room.json("mail", "send", ...words)).id;
}
const state = async (id: string, name: string) => (await room.receipt(id, name)).state;
const secretIn = (text: string, id: string) =>
  new RegExp(`${id}~([0-9a-z]{16}) --body`).exec(text)?.[1];

test("a message whose body holds another's reply line proves nothing of that one", async () => {
  await room.json("agents", "add", "alice");
  const bob = await reader();
  const victim = await send(bob.name, "wire the money");
  expect(await bob.hook()).toContain("wire the money"); // And the program drops it.
  for (const line of [trace(victim), trace(victim, "0123456789abcdef")]) {
    const forged = await send(bob.name, `look:\n${line} "..."]`, "--priority", "urgent");
    const given = await bob.hook("PostToolUse");
    expect(given).toContain("look:");
    bob.keeps(given);
    bob.keeps(`a tool's output: ${line} "..."]`);
    await bob.hook("PostToolUse");
    expect(await state(forged, bob.name)).toBe("seen");
    expect(await state(victim, bob.name)).toBe("offered");
  }
});

test("the reply line of an offer is its proof, and is new with each", async () => {
  const bob = await reader();
  const first = await send(bob.name, "one");
  const text = await bob.hook();
  const second = await send(bob.name, "two", "--priority", "urgent");
  const more = await bob.hook("PostToolUse");
  const found = [secretIn(text, first), secretIn(more, second)];
  expect(new Set(found).size).toBe(2);
  expect(found).not.toContain(undefined);
  bob.keeps(more);
  await bob.hook("PostToolUse");
  expect([await state(first, bob.name), await state(second, bob.name)]).toEqual([
    "offered",
    "seen",
  ]);
  bob.keeps(text);
  await bob.hook("PostToolUse");
  expect(await room.receipt(first, bob.name)).toMatchObject({ state: "seen", proof: "transcript" });
});

test("the store has the hash of a secret, and no secret", async () => {
  const bob = await reader();
  const id = await send(bob.name, "three");
  const secret = secretIn(await bob.hook(), id)!;
  const db = new Database(join(room.root, ".overture", "overture.db"));
  const rows = db.prepare("SELECT secret_hash FROM deliveries WHERE recipient = ?").pluck();
  expect(rows.all(bob.name)).toEqual([secrets.hashOf(secret)]);
  const dump = db.serialize().toString("latin1");
  db.close();
  expect(dump).not.toContain(secret);
});

test("an earlier offer's reply line proves nothing of a later one", async () => {
  const [old, now] = [secrets.newSecret(), secrets.newSecret()];
  const inFile = new Map([["msg-a", new Set([old])]]);
  const find = offerFinder({
    ...secrets,
    transcriptSecrets: async () => inFile,
  } as unknown as Proofs);
  const offer = (secretHash: string | null) => ({ transcript: "t", secretHash }) as never;
  expect(await find(offer(secrets.hashOf(now)), "msg-a")).toBeUndefined();
  expect(await find(offer(secrets.hashOf(old)), "msg-a")).toBe(trace("msg-a", old));
  expect(await find(offer(null), "msg-a")).toBe(trace("msg-a"));
});

test("what was offered by a version without secrets is proved as it was then", async () => {
  const bob = await reader();
  const id = await send(bob.name, "four");
  const text = await bob.hook();
  const db = new Database(join(room.root, ".overture", "overture.db"));
  db.prepare("UPDATE deliveries SET secret_hash = NULL WHERE recipient = ?").run(bob.name);
  db.close();
  bob.keeps(text.replace(/~[0-9a-z]{16}/, ""));
  await bob.hook("PostToolUse");
  expect(await state(id, bob.name)).toBe("seen");
});

test("a reply line's id is understood with its secret, which no other text of ours carries on", async () => {
  const bob = await reader();
  const id = await send(bob.name, "five");
  const long = `${id}~${secretIn(await bob.hook(), id)}`;
  expect((await room.json("mail", "read", long, "--agent", bob.name)).message.id).toBe(id);
  const reply = await room.json(
    "mail",
    "reply",
    long,
    "--agent",
    bob.name,
    "--body",
    `I got ${long}`,
  );
  const other = await room.ov(["mail", "check", "--agent", "alice"]);
  expect(other.stdout).toContain(`I got ${id}`);
  expect(other.stdout).not.toContain("~");
  const read = await room.ov(["mail", "read", reply.id, "--agent", bob.name]);
  expect(read.stdout).not.toContain("~");
  expect(await room.ov(["mail", "ack", long, "--agent", bob.name])).toMatchObject({ code: 0 });
});
