import { expect, test } from "vitest";
import { formatAge, parseDuration } from "../../src/domain/duration.ts";

test.each([
  ["500ms", 500],
  ["30s", 30_000],
  ["5m", 300_000],
  ["2h", 7_200_000],
  ["7d", 604_800_000],
  ["1.5s", 1_500],
  ["45", 45_000],
  [" 3s ", 3_000],
  ["0", 0],
])("%j is %i ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", "soon", "-5s", "5 s", "5w", "1e3", "NaN", "Infinity", "5s5s"])(
  "%j is no duration",
  (text) => {
    expect(() => parseDuration(text)).toThrow(expect.objectContaining({ kind: "usage" }));
  },
);

test.each(["3651d", "99999999d", "999999999999"])("%j is longer than ten years", (text) => {
  expect(() => parseDuration(text, "--expires")).toThrow(
    expect.objectContaining({
      kind: "usage",
      message: `--expires "${text}" is too long`,
      hint: "at most 3650d, ten years",
    }),
  );
});

test("the refusal names what was wrong and what is right", () => {
  expect(() => parseDuration("soon", "--timeout")).toThrow(
    expect.objectContaining({
      message: '--timeout "soon" is not valid',
      hint: "write 500ms, 30s, 5m, 2h or 7d",
    }),
  );
});

test.each([
  [-5, "0s"],
  [1_400, "1s"],
  [59_400, "59s"],
  [60_000, "1m"],
  [3_599_000, "59m"],
  [3_600_000, "1h"],
  [86_400_000, "1d"],
  [200_000_000, "2d"],
])("an age of %i ms is %s", (ms, text) => {
  expect(formatAge(ms)).toBe(text);
});
