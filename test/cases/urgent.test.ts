import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MESSAGE_TYPES, WANTS_ACK } from "../../src/domain/message.ts";
import { TeamRoom } from "../team-room.ts";

const SOON = { timeout: 60_000, interval: 50 };
const room = new TeamRoom();
beforeAll(async () => {
  await room.json("sling", "t-1", "--name", "bo", "--prompt", "begin");
  await room.becomes("bo", "idle");
});
afterAll(() => room.close());

async function send(subject: string, from: string, ...more: string[]): Promise<string> {
  const words = ["--to", "bo", "--from", from, "--subject", subject, "--body", subject];
  return (await room.json("mail", "send", ...words, ...more)).id;
}

/**
 * A message that was given to bo and is not proved: it went out by this door just now, and the
 * transcript that would prove it does not hold it.
 */
async function unproved(from: string, door: string, state: string): Promise<string> {
  const id = await send("first", from);
  const transcript = join(room.base, "transcript.jsonl");
  writeFileSync(transcript, "");
  const db = new Database(join(room.root, ".overture", "overture.db"));
  const session = db.prepare("SELECT runtime_session FROM sessions").pluck().get();
  const given = db
    .prepare(
      `UPDATE deliveries SET state = ?, door = ?, session = ?, transcript = ?, offered_at = ?,
         lease_until = ?, attempts = 1 WHERE seq = (SELECT seq FROM messages WHERE id = ?)`,
    )
    .run(state, door, session, transcript, Date.now(), Date.now() + 60_000, id);
  db.close();
  expect(given.changes).toBe(1);
  return id;
}

describe.each([
  ["offered", "type"],
  ["leased", "hook:PostToolUse"],
])("after a message that is %s by %s", (state, door) => {
  test("an urgent one of the same sender wakes the idle agent, and goes before it", async () => {
    const from = `ann-${door.replace(":", "-")}`.toLowerCase();
    const first = await unproved(from, door, state);
    const urgent = await send("hurry", from, "--priority", "urgent");
    await expect.poll(async () => (await room.receipt(urgent, "bo")).state, SOON).toBe("seen");
    expect((await room.receipt(first, "bo")).state).toBe(state);
    await room.becomes("bo", "idle");
  });
});

test("after a message that is not proved, one that is not urgent still waits", async () => {
  await unproved("cy", "type", "offered");
  const later = await send("later", "cy", "--wake");
  const other = await send("of-another-sender", "dan", "--wake");
  await expect.poll(async () => (await room.receipt(other, "bo")).state, SOON).toBe("seen");
  expect((await room.receipt(later, "bo")).state).toBe("queued");
});

describe("a message that wants an answer", () => {
  test("is of one of these five types", () => {
    const five = ["question", "dispatch", "assign", "escalation", "decision_gate"];
    expect([...WANTS_ACK].sort()).toEqual(five.sort());
  });

  test("is counted as unanswered from when it was seen, by exactly this list", async () => {
    const payload = {
      ...{ taskId: "t", specPath: "s", capability: "builder", fileScope: [], workerName: "bo" },
      ...{ branch: "b", exitCode: 0, filesModified: [], agentName: "bo", reason: "r" },
      ...{ lastActivity: "l", terminatedBy: "t", tier: "clean", conflictFiles: [] },
      ...{ errorMessage: "e", severity: "warning", context: "c", checkType: "liveness" },
      ...{ options: ["a"] },
    };
    for (const type of MESSAGE_TYPES) {
      const semantic = ["status", "question", "result", "error"].includes(type);
      const more = semantic ? [] : ["--payload", JSON.stringify(payload)];
      const words = ["--to", "orchestrator", "--from", "ann", "--type", type, "--subject", type];
      await room.json("mail", "send", ...words, "--body", "b", ...more);
    }
    await room.json("mail", "check");
    const { agents } = await room.json("status", "--all");
    const me = agents.find(({ name }: { name: string }) => name === "orchestrator");
    expect(me.unacked).toBe(WANTS_ACK.length);
  });
});
