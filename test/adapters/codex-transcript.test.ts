import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { transcriptHas, transcriptHolds } from "../../src/adapters/runtimes/transcript.ts";

let dir: string;
beforeAll(() => {
  const rooms = process.env.OV_TEST_ROOMS ?? tmpdir();
  mkdirSync(rooms, { recursive: true });
  dir = mkdtempSync(join(rooms, "codex-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const item = (payload: object) => ({ type: "response_item", payload });
const letter = item({ type: "message", role: "developer", content: [{ text: "letter" }] });
const result = item({ type: "function_call_output", output: "ok" });
const tokens = { type: "event_msg", payload: { type: "token_count" } };
const words = item({ type: "message", role: "assistant", content: [{ text: "hi" }] });
const call = item({ type: "function_call", name: "exec" });
const quoted = item({ type: "message", role: "user", content: [{ text: JSON.stringify(words) }] });

test.each([
  ["a letter that nobody has answered", [words, letter], "held"],
  ["with the tool's result and a count of before", [call, letter, result, tokens], "held"],
  ["an answer that a prompt only quotes", [letter, quoted], "held"],
  ["one that the model answered with words", [letter, result, words], "given"],
  ["one that the model answered with a tool", [letter, result, call], "given"],
  ["none", [words, call, result], "none"],
])("a rollout with %s", async (_, lines, fate) => {
  const path = join(dir, "rollout.jsonl");
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const given = await transcriptHas(`codex:${path}`, ["letter"]);
  const held = await transcriptHolds(`codex:${path}`, "letter");
  expect(given.size > 0 ? "given" : held ? "held" : "none").toBe(fate);
});

test("a rollout that is not there holds nothing", async () => {
  expect(await transcriptHas(`codex:${dir}/none`, ["letter"])).toEqual(new Set());
  expect(await transcriptHolds(`codex:${dir}/none`, "letter")).toBe(false);
});
