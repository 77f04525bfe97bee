import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TeamRoom } from "../team-room.ts";

const room = new TeamRoom();
const clone = new TeamRoom();
const ov = (...args: string[]) => room.ov(["state", ...args]);
const out = async (...args: string[]) => (await ov(...args)).stdout;

beforeAll(async () => {
  await room.ov(["agents", "add", "ann", "--kind", "remote"]);
});
afterAll(async () => {
  await room.close();
  await clone.close();
});

test("a text is kept as it is, and comes back as it is", async () => {
  expect(await out("set", "port", "007")).toBe("port v1\n");
  expect(await out("get", "port")).toBe("007\n");
  expect(await out("list")).toMatch(/^port +1 +orchestrator +007$/m);
  await room.ov(["state", "set", "commit"], { input: "abc\n" });
  expect((await room.json("state", "get", "commit")).value).toBe("abc");
});

test("a value that is JSON keeps its type", async () => {
  await ov("set", "ready", "--json-value", "true");
  await ov("set", "ready-text", "true");
  const values = ["ready", "ready-text"].map((key) => room.json("state", "get", key));
  expect((await Promise.all(values)).map(({ value }) => value)).toEqual([true, "true"]);
});

test("two who change other fields are merged; the answer says what it is now", async () => {
  await ov("set", "deploy", "--json-value", '{"host":"a1","db":{"port":1}}');
  await ov("get", "deploy", "--agent", "ann");
  await ov("set", "deploy", "--json-value", '{"host":"a2","db":{"port":1}}', "--agent", "ann");
  const text = await out("set", "deploy", "--json-value", '{"host":"a1","db":{"port":2}}');
  expect(text).toMatch(/^deploy v3, merged with what others wrote:\n\{/);
  const { value } = await room.json("state", "get", "deploy");
  expect(value).toEqual({ host: "a2", db: { port: 2 } });
  expect(await out("diff", "--key", "deploy")).toBe("deploy v2 ▸ v3\n  db.port: 1 ▸ 2\n");
});

test("a conflict keeps both values, tells both writers, and is settled by one who read it", async () => {
  await ov("set", "branch", "main");
  const { code, stdout, stderr } = await ov("set", "branch", "next", "--agent", "ann");
  expect([code, stderr]).toEqual([1, ""]);
  expect(stdout).toMatch(/^branch v2 is in conflict:\n/);
  expect(await out("list", "--conflicts")).toContain('(all of it): "next" | "main"');
  for (const name of ["ann", "orchestrator"]) {
    const { messages } = await room.json("mail", "check", "--agent", name);
    expect(messages.map(({ subject }: { subject: string }) => subject)).toEqual([
      "conflict: branch",
    ]);
  }
  const shown = await ov("get", "branch", "--json");
  expect([shown.code, JSON.parse(shown.stdout)]).toMatchObject([
    1,
    { success: false, conflict: true, writes: [{ value: "next" }, { value: "main" }] },
  ]);
  expect(await out("set", "branch", "next")).toBe("branch v3\n");
  expect(await out("list", "--conflicts")).toBe("No conflicts\n");
});

test("a deletion stays deleted, with its history", async () => {
  await ov("set", "old", "x");
  expect(await out("delete", "old")).toBe("old v2 deleted\n");
  expect(await ov("get", "old")).toMatchObject({ code: 3, stdout: "" });
  expect(await out("list")).not.toContain("old");
  expect(await out("list", "--deleted")).toContain("old");
  const text = await out("history", "old");
  expect(text.match(/^v\d .*(x|\(deleted\))$/gm)).toHaveLength(2);
  expect(text).toMatch(/orchestrator@[0-9a-f]{8}:2$/m);
});

test("a clone takes the facts by a snapshot, and both end the same", async () => {
  const there = (args: string[], input = "") => clone.ov(["state", ...args], { input });
  const snapshot = (await ov("get", "--all", "--json")).stdout;
  expect((await there(["diff", "-"], snapshot)).stdout).toMatch(/^deploy: only there$/m);
  expect((await there(["merge", "-"], snapshot)).code).toBe(0);
  expect((await there(["merge", "-"], snapshot)).stdout).toBe("Nothing is new\n");
  expect((await there(["get", "old"])).stderr).toContain("old was deleted in v1");

  await there(["get", "--all"]);
  await there(["set", "port", "8091"]);
  await there(["delete", "ready"]);
  await ov("set", "port", "8092");
  const back = join(room.base, "back.json");
  writeFileSync(back, (await there(["get", "--all", "--json"])).stdout);
  const diff = await out("diff", back);
  expect(diff).toMatch(
    /^port: both changed, in conflict when merged\n.*"8091" ▸ "8092"\nready: newer there$/m,
  );
  const merged = await ov("merge", back, "--json");
  expect([merged.code, JSON.parse(merged.stdout).conflicts]).toEqual([1, ["port"]]);
  expect((await ov("get", "ready")).code).toBe(3);
  await ov("get", "port");
  await ov("set", "port", "8092");
  await there(["merge", "-"], (await ov("get", "--all", "--json")).stdout);
  expect((await there(["get", "port"])).stdout).toBe("8092\n");
  expect(await out("diff", back)).toContain("port: newer here");
});

const fact = (more: object) => ({
  key: "k",
  writes: [
    {
      writer: "bo@0123abcd",
      at: "2026-11-21T10:00:00.000Z",
      vector: { "bo@0123abcd": 1 },
      value: "x",
      ...more,
    },
  ],
  past: [],
});

test.each([
  ["that is cut off", "{", /no JSON/],
  ["that is a list", "[]", /no snapshot: .*expected object/],
  ["without writes", { key: "k" }, /facts.0.writes: expected array/],
  ["with a path as key", { ...fact({}), key: "../k" }, /fact key "..\/k" is not valid/],
  ["of a foreign vector", fact({ vector: { "ann@0123abcd": 1 } }), /not in its own vector/],
  ["of endless counts", fact({ vector: { "bo@0123abcd": 1e300 } }), /vector/],
  ["with a large value", fact({ value: "x".repeat(20_000) }), /16384 are allowed/],
])("a snapshot %s is refused as a whole", async (_, wrong, message) => {
  const good = { ...fact({}), key: "good" };
  const input = typeof wrong === "string" ? wrong : JSON.stringify({ facts: [wrong] });
  const among = typeof wrong === "string" ? wrong : JSON.stringify({ facts: [good, wrong] });
  const before = await out("list");
  const [alone, both] = await Promise.all(
    [input, among].map((text) => room.ov(["state", "merge", "-"], { input: text })),
  );
  expect([alone!.code, both!.code, alone!.stderr]).toEqual([
    64,
    64,
    expect.stringMatching(message),
  ]);
  expect(await out("list")).toBe(before);
});

test("a snapshot brings no control bytes and no fields of JavaScript's own", async () => {
  const value = '{"__proto__":{"polluted":1},"a":"\\u001b[31mred"}';
  const input = JSON.stringify({ facts: [fact({ value: "VALUE" })] }).replace('"VALUE"', value);
  await room.ov(["state", "merge", "-"], { input });
  const { stdout } = await ov("get", "k", "--json");
  expect(stdout).toContain('"value":{"__proto__":{"polluted":1},"a":"[31mred"}');
});

test.each([
  [["get", "prot"], 3, /did you mean "port"/],
  [["get"], 64, /name one fact, or --all/],
  [["get", "port", "--all"], 64, /name one fact, or --all/],
  [["set", "a/b", "x"], 64, /fact key "a\/b" is not valid/],
  [["set", "n", "--json-value", "{x"], 64, /the value is no JSON/],
  [["set", "n", "--json-value", "12345678901234567890"], 64, /too large to be kept exactly/],
  [["set", "n", "--json-value", "[".repeat(50) + "]".repeat(50)], 64, /nested deeper than 32/],
  [["set", "port", "x", "--base", "99"], 3, /port has no version 99/],
  [["delete", "nothing"], 3, /unknown fact/],
  [["history", "nothing"], 3, /unknown fact/],
  [["merge", "no-such.json"], 3, /there is no file no-such.json/],
  [["diff"], 64, /name a snapshot, or --key/],
  [["diff", "--key", "port", "--to", "77"], 3, /port has no version 77/],
])("ov state %j is refused with words", async (args, code, message) => {
  const result = await ov(...args);
  expect([result.code, result.stdout, result.stderr]).toEqual([
    code,
    "",
    expect.stringMatching(message),
  ]);
});
