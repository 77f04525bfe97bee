import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { progressOf } from "../../src/adapters/runtimes/gemini-transcript.ts";
import { transcriptDropped, transcriptHas } from "../../src/adapters/runtimes/transcript.ts";

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "ov-gemini-"));
  path = join(dir, "session.jsonl");
});
afterEach(() => rmSync(dir, { recursive: true }));

const user = (id: string, text: string) => ({ id, type: "user", content: [{ text }] });
const model = (id: string, content: string, more = {}) => ({
  id,
  type: "gemini",
  content,
  model: "gemini-2.5-pro",
  ...more,
});
const AT = "2026-11-21T10:00:00.500Z";
const offer = (ms: number) => ({ since: Date.parse(AT) + ms, door: "hook:BeforeAgent" });
const left = (...messages: object[]) => ({ $set: { messages, lastUpdated: AT } });

/** The fate of the text `letter`, once these records are written. */
async function fate(...records: object[]): Promise<string> {
  writeFileSync(path, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  const given = await transcriptHas(`gemini:${path}`, ["letter", "other"]);
  expect(given).not.toContain("other");
  const dropped = await transcriptDropped(`gemini:${path}`, "letter", offer(-1));
  expect(await transcriptDropped(`gemini:${path}`, "letter", offer(0))).toBe(false);
  expect(given.has("letter") && dropped).toBe(false);
  return given.has("letter") ? "given" : dropped ? "dropped" : "open";
}

const first = user("u1", "hello");

test("a letter is given once the model has answered behind it", async () => {
  expect(await fate(first, user("u2", "hi letter"))).toBe("open");
  expect(await fate(first, user("u2", "hi letter"), model("m", "ok"))).toBe("given");
});

test("a letter whose turn was taken back is dropped, also when the model answers later", async () => {
  const failed = [first, model("m1", "ok"), user("u2", "letter"), left(first, model("m1", "ok"))];
  expect(await fate(...failed)).toBe("dropped");
  expect(await fate(...failed, user("u3", "next"), model("m2", "ok"))).toBe("dropped");
});

test("a letter is dropped with a turn that was taken back after the model had answered in it", async () => {
  const given = [first, model("m1", "ok"), user("u2", "letter"), model("m2", "ok")];
  const toldAtStop = user("u3", "at the turn's end");
  // As Gemini CLI 0.61.0 wrote it: what is left stands in the file once more, then as a list.
  const again = [user("u4", "hello"), model("m4", "ok", { model: undefined })];
  expect(await fate(...given, toldAtStop)).toBe("given");
  expect(await fate(...given, toldAtStop, ...again, left(...again))).toBe("dropped");
  expect(await fate(...given, left(first, model("m1", "ok")))).toBe("dropped");
  const next = [user("u5", "letter"), model("m5", "ok")];
  expect(await fate(...given, left(first), ...next)).toBe("given");
});

test("a letter whose only answer is a call that a person refused is dropped with it", async () => {
  const asked = [first, model("m1", "ok"), user("u2", "letter"), model("m2", "")];
  expect(await fate(...asked)).toBe("open");
  const toolCalls = [{ name: "run_shell_command", status: "cancelled" }];
  const refused = [...asked, model("m2", "", { toolCalls })];
  expect(await fate(...refused)).toBe("open");
  const again = [user("u3", "hello"), model("m3", "ok", { model: undefined })];
  expect(await fate(...refused, ...again)).toBe("open");
  expect(await fate(...refused, ...again, left(...again))).toBe("dropped");
});

test("a letter is given once a call that answers it has run", async () => {
  const toolCalls = [
    { name: "read_file", status: "cancelled" },
    { name: "run_shell_command", status: "success" },
  ];
  expect(await fate(first, user("u2", "letter"), model("m", "", { toolCalls }))).toBe("given");
});

test("a letter that is on its way again is open, and then given", async () => {
  const again = [user("u3", "letter"), model("m2", "ok")];
  const dropped = [first, user("u2", "letter"), left(first)];
  expect(await fate(...dropped, again[0]!)).toBe("open");
  expect(await fate(...dropped, ...again)).toBe("given");
});

test("a letter that was given stays so when the conversation is rewound or compressed", async () => {
  const given = [first, user("u2", "letter"), model("m", "ok")];
  expect(await fate(...given, { $rewindTo: "u2" })).toBe("given");
  expect(await fate(...given, left(user("u3", "a summary")))).toBe("given");
});

test("a letter in a tool's result is open until the result was sent and answered", async () => {
  const toolCalls = [{ name: "run_shell_command", result: [{ text: "letter" }] }];
  const called = [first, model("m1", "", { toolCalls })];
  expect(await fate(...called)).toBe("open");
  const sent = { id: "u2", type: "user", content: [{ functionResponse: { output: "letter" } }] };
  expect(await fate(...called, sent)).toBe("open");
  expect(await fate(...called, sent, model("m2", "ok"))).toBe("given");
});

test("the model's own words, a half written line and a missing file hold nothing", async () => {
  expect(await fate(first, model("m1", "letter"), user("u2", "x"), model("m2", "y"))).toBe("open");
  writeFileSync(path, `${JSON.stringify(first)}\n{"id":"u2","type":"user","content":"let`);
  expect(await transcriptHas(`gemini:${path}`, ["hello", "let"])).toEqual(new Set());
  expect(await transcriptHas(`gemini:${dir}/none`, ["letter"])).toEqual(new Set());
});

test("a conversation tells when it last grew, and one that is not there tells nothing", () => {
  expect(progressOf(`gemini:${path}`)).toBeUndefined();
  writeFileSync(path, "{}\n");
  utimesSync(path, 1_000, 1_000);
  expect(progressOf(`gemini:${path}`)).toMatchObject({ source: "transcript", at: 1_000_000 });
});
