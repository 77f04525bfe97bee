import { expect, test } from "vitest";
import { branchOf, checkName, checkTaskId } from "../../src/domain/name.ts";

const NEVER = [
  ["a path upwards", "../x"],
  ["a slash", "a/b"],
  ["a backslash", "a\\b"],
  ["a leading dash", "-rf"],
  ["a leading underscore", "_x"],
  ["nothing", ""],
  ["a blank", "a b"],
  ["a line break at its end", "a\n"],
  ["a NUL", "a\0"],
  ["a letter outside ASCII", "bücher"],
  ["a look-alike letter", "\u0430dmin"],
  ["a quote", "a'b"],
  ["a dollar", "$HOME"],
  ["64 characters", "a".repeat(64)],
] as const;

test.each(NEVER)("a name with %s is refused", (_, name) => {
  expect(() => checkName(name)).toThrow(/is not valid/);
});

test.each(NEVER)("a task id with %s is refused", (_, id) => {
  expect(() => checkTaskId(id)).toThrow(/is not valid/);
});

test.each(["a", "7", "builder-1", "Lead_2", "a".repeat(63)])("%s is a name", (name) => {
  expect(checkName(name)).toBe(name);
});

test.each(["v1.2", "t-1", "a".repeat(63)])("%s is a task id", (id) => {
  expect(checkTaskId(id)).toBe(id);
});

test("a name has no dot, so that no file ending can be made of it", () => {
  expect(() => checkName("a.b")).toThrow(/is not valid/);
});

test.each([".", "..", "a..b", ".a", "a.", "a.lock"])(
  "%s is no task id: git refuses such a branch, or a path means something else",
  (id) => {
    expect(() => checkTaskId(id)).toThrow(/is not valid/);
  },
);

test("the refusal is wrong usage and says what a name is", () => {
  expect(() => checkName("a b")).toThrow(
    expect.objectContaining({ kind: "usage", hint: expect.stringContaining("1-63 letters") }),
  );
});

test("the refusal shows control characters escaped", () => {
  expect(() => checkName("a\x1b[2J")).toThrow(String.raw`"a\u001b[2J"`);
});

test("a branch is made of a checked name and a checked task", () => {
  expect(branchOf("bo", "t-1")).toBe("ov/bo/t-1");
  expect(() => branchOf("../bo", "t-1")).toThrow(/is not valid/);
  expect(() => branchOf("bo", "../t-1")).toThrow(/is not valid/);
});
