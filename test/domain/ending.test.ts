import { expect, test } from "vitest";
import { isCrash } from "../../src/domain/metrics.ts";

test.each([
  ["stopped", false],
  ["released", false],
  ["exit code 0", false],
  ["handed over: manual", false],
  ["handed over: compaction", false],
  ["handed over: crash", true],
  ["handed over: timeout", true],
  ["exit code 137", true],
  ["its pane is gone", true],
])("a session that ended with %j is a crash: %s", (reason, is) => {
  expect(isCrash(reason)).toBe(is);
});
