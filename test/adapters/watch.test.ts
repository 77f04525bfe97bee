import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { watchFile } from "../../src/adapters/watch.ts";

const LONG_MS = 600_000;
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "ov-watch-"));
});
afterAll(() => rmSync(dir, { recursive: true }));

test("a wait ends with a change of the file, which need not be there before", async () => {
  const path = join(dir, "later");
  const watch = watchFile(path);
  const changed = watch.changed(LONG_MS);
  const again = setInterval(() => writeFileSync(path, `${Date.now()}`), 20);
  await changed;
  clearInterval(again);
  await watch.close();
});

test("a wait ends with the watch, so that no timer keeps the process", async () => {
  const watch = watchFile(join(dir, "never"));
  const waits = [watch.changed(LONG_MS), watch.changed(LONG_MS)];
  await watch.close();
  expect(await Promise.all(waits)).toHaveLength(2);
  await watch.changed(LONG_MS);
});
