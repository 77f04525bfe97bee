import { expect, test } from "vitest";
import { ENDING_KINDS, endingByCode, isCrash } from "../../src/domain/ending.ts";

test.each([
  [0, "quit"],
  [129, "quit"],
  [130, "quit"],
  [143, "quit"],
  [1, "crashed"],
  [75, "crashed"],
  [137, "crashed"],
])("a program that ends with %i has %s", (code, kind) => {
  expect(endingByCode(code)).toEqual({ kind, detail: `exit code ${code}` });
});

test("only an end that nobody wanted is a crash", () => {
  expect(ENDING_KINDS.filter((kind) => isCrash({ kind }))).toEqual(["crashed", "lost"]);
});
