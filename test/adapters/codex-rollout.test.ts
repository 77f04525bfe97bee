import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { rolloutFacts } from "../../src/adapters/runtimes/codex-rollout.ts";

const dir = mkdtempSync(join(tmpdir(), "ov-rollout-"));
afterAll(() => rmSync(dir, { recursive: true }));
const path = join(dir, "rollout.jsonl");
const TIME = "2026-11-21T05:09:14.380Z";

const line = (type: string, payload: object) =>
  JSON.stringify({ timestamp: TIME, ordinal: 1, type, payload });
const event = (type: string, more: object = {}) => line("event_msg", { type, ...more });

function read(...lines: string[]): string[] {
  writeFileSync(path, `${lines.join("\n")}\n`);
  return rolloutFacts(path).map(({ source, state, detail }) => `${source} ${state}: ${detail}`);
}

test.each([
  ["task_started", {}, "busy: task started"],
  ["task_complete", { error: null }, "idle: task complete"],
  ["task_complete", { error: { message: "status 400" } }, "error: turn failed: status 400"],
  ["turn_aborted", { reason: "interrupted" }, "idle: turn aborted"],
])("the event %s %o says %s", (type, more, expected) => {
  expect(read(event("task_started"), event(type, more), event("token_count"))[0]).toBe(
    `runtime ${expected}`,
  );
});

test("the newest event counts, at its own time; a line that is being written does not", () => {
  const half = event("task_started").slice(0, 60);
  expect(read(event("task_started"), event("task_complete"), half)[0]).toMatch(/idle/);
  expect(rolloutFacts(path)[0]!.at).toBe(Date.parse(TIME));
});

test("a prompt that looks like an event is none", () => {
  const text = event("task_complete");
  const prompt = line("response_item", { type: "message", content: [{ text }] });
  expect(read(event("task_started"), prompt)[0]).toMatch(/busy/);
});

test("a turn that wrote more than is read still runs", () => {
  const output = line("response_item", {
    type: "message",
    content: [{ text: "x".repeat(200_000) }],
  });
  expect(read(event("task_started"), output)[0]).toBe("runtime busy: in a long turn");
});

test("a tool runs until its result is there", () => {
  const call = line("response_item", { type: "function_call", call_id: "c", name: "exec_command" });
  const result = line("response_item", { type: "function_call_output", call_id: "c" });
  expect(read(event("task_started"), call)[1]).toBe("transcript unknown: tool exec_command runs");
  expect(read(event("task_started"), call, result)[1]).toBe("transcript unknown: no tool runs");
});

test("without a file nothing is said", () => {
  expect(rolloutFacts(join(dir, "none.jsonl"))).toEqual([]);
});
