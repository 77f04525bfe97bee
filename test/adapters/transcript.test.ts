import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { transcriptHas } from "../../src/adapters/runtimes/transcript.ts";

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
