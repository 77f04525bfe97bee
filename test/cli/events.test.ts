import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { TeamRoom } from "../team-room.ts";

const room = new TeamRoom();
const out = async (...args: string[]) => (await room.ov(args)).stdout;
const kinds = ({ events }: { events: { kind: string }[] }) => events.map(({ kind }) => kind);
let letter: string;

beforeAll(async () => {
  for (const name of ["ann", "ben"]) await room.ov(["agents", "add", name, "--kind", "remote"]);
  const send = [
    "mail",
    "send",
    "--to",
    "ann",
    "--from",
    "ben",
    "--subject",
    "Hello",
    "--body",
    "b",
  ];
  letter = (await room.json(...send)).id;
  await room.ov(["mail", "check", "--agent", "ann"]);
  await room.ov(["mail", "ack", letter, "--agent", "ann"]);
});
afterAll(() => room.close());

test("feed tells what happened, oldest first, a letter by its subject", async () => {
  const lines = (await out("feed")).trimEnd().split("\n");
  expect(lines.at(-1)).toMatch(/^\d\d:\d\d:\d\d {2}ann +mail\.acked {2}msg-\w+ {2}"Hello"$/);
  expect(lines.some((line) => /ben +mail\.sent .*to ann/.test(line))).toBe(true);
});

test("feed --follow goes on with what happens, as an object a line", async () => {
  const feed = room.start(["feed", "--follow", "--kind", "mail.sent", "--json"]);
  let said = "";
  feed.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  await vi.waitFor(() => expect(said).toContain("mail.sent"), 10_000);
  await room.ov([
    "mail",
    "send",
    "--to",
    "ben",
    "--from",
    "ann",
    "--subject",
    "Late",
    "--body",
    "b",
  ]);
  await vi.waitFor(() => expect(said.trimEnd().split("\n")).toHaveLength(2), 10_000);
  feed.kill("SIGINT");
  const events = said
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(events.map(({ agent }) => agent)).toEqual(["ben", "ann"]);
});

test("logs are filtered by agent, kind and age", async () => {
  expect(new Set(kinds(await room.json("logs", "--kind", "mail")))).not.toContain("agent.put");
  expect(kinds(await room.json("logs", "--agent", "ann", "--kind", "mail.acked"))).toEqual([
    "mail.acked",
  ]);
  expect(kinds(await room.json("logs", "--since", "0ms"))).toEqual([]);
});

test("trace of a letter has each of its moves, of an agent also what was sent to it", async () => {
  expect(kinds(await room.json("trace", letter))).toEqual(
    expect.arrayContaining(["mail.sent", "mail.acked"]),
  );
  expect(kinds(await room.json("trace", "ann"))).toContain("mail.sent");
  const { code, stderr } = await room.ov(["trace", "anne"]);
  expect([code, stderr]).toEqual([3, expect.stringContaining('did you mean "ann"?')]);
});

test("replay begins at the beginning", async () => {
  const [first] = (await room.json("replay", "--limit", "1")).events;
  expect(first.id).toBe(1);
});

test("errors are what somebody should look at, and nothing else", async () => {
  expect(await out("errors")).toBe("Nothing has happened\n");
  const send = [
    "mail",
    "send",
    "--to",
    "ann",
    "--subject",
    "Old",
    "--body",
    "b",
    "--expires",
    "1ms",
  ];
  await room.ov(send);
  await room.ov(["deliver"]);
  await room.ov(["mail", "list"]);
  await room.ov(["mail", "check", "--agent", "ann"]);
  expect(kinds(await room.json("errors"))).toEqual(["mail.dead"]);
});

test("inspect has the agent's facts, sessions, checkpoint and events", async () => {
  await room.ov(["sling", "t-1", "--name", "bo", "--prompt", "begin"]);
  await room.becomes("bo", "idle");
  await room.ov(["checkpoint", "--agent", "bo"]);
  const seen = await room.json("inspect", "bo");
  expect(seen).toMatchObject({ agent: "bo", taskId: "t-1", state: "idle", runtime: "scripted" });
  expect(seen.sessions).toEqual([expect.objectContaining({ generation: 1, endedAt: null })]);
  expect(seen.checkpoint.moment).toMatch(/^(turn|manual)$/);
  expect(kinds(seen)).toContain("session.started");
  const text = await out("inspect", "bo");
  expect(text).toMatch(/^bo is idle/);
  expect(text).toMatch(/session 1 {2}scripted, started \d+s ago/);
});
