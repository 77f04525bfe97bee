import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { transcriptDropped, transcriptHas } from "../../src/adapters/runtimes/transcript.ts";

const ID = "[Reply with: ov mail reply msg-1 --body";
let dir: string;
beforeAll(() => {
  const rooms = process.env.OV_TEST_ROOMS ?? tmpdir();
  mkdirSync(rooms, { recursive: true });
  dir = mkdtempSync(join(rooms, "transcript-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const line = (type: string, content: string) => `${JSON.stringify({ type, content })}\n`;
async function has(text: string): Promise<boolean> {
  const path = join(dir, "a.jsonl");
  writeFileSync(path, text);
  return (await transcriptHas(path, [ID])).has(ID);
}
/** Longer than what is read at once. */
const LONG = "x".repeat(200_000);

test.each([
  ["a line that the model was given", line("user", ID), true],
  ["a line with what is queued", line("queue-operation", ID), false],
  ["a long line with what is queued, at its end", line("queue-operation", LONG + ID), false],
  ["a long line that the model was given, at its end", line("user", LONG + ID), true],
  ["what is queued, and then given", line("queue-operation", ID) + line("user", ID), true],
  ["what only looks queued", line("user", `{"type":"queue-operation"${ID}`), true],
  ["a line that is not written to its end", line("user", ID).slice(0, -3), true],
  ["nothing of it", line("user", LONG), false],
])("%s: %#", async (_, text, expected) => {
  expect(await has(text)).toBe(expected);
});

const at = (ms: number) => new Date(1_000_000 + ms).toISOString();
const queue = (...operations: [number, string][]) =>
  operations
    .map(([ms, operation]) =>
      JSON.stringify({ type: "queue-operation", operation, timestamp: at(ms) }),
    )
    .join("\n");
const DOOR = "hook:UserPromptSubmit";

test.each([
  ["a queued prompt that was taken back", queue([5, "enqueue"], [9, "popAll"]), DOOR, true],
  ["two", queue([5, "enqueue"], [7, "enqueue"], [9, "popAll"]), DOOR, true],
  [
    "one that had its turn, and a later one",
    queue([5, "enqueue"], [6, "dequeue"], [7, "enqueue"], [9, "popAll"]),
    DOOR,
    false,
  ],
  ["one that waits", queue([5, "enqueue"]), DOOR, false],
  ["one that was taken back before", queue([-9, "enqueue"], [-5, "popAll"]), DOOR, false],
  ["what came with a tool", queue([5, "enqueue"], [9, "popAll"]), "hook:PostToolUse", false],
])("taken back: %s", async (_, text, door, expected) => {
  const path = join(dir, "b.jsonl");
  writeFileSync(path, `${text}\n`);
  expect(await transcriptDropped(path, ID, { since: 1_000_000, door })).toBe(expected);
});
