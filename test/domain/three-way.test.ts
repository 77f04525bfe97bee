import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cleanJson, isObject, isSame, type Json } from "../../src/domain/json.ts";
import { differences, mergeValues } from "../../src/domain/three-way.ts";
import { CLASH, MERGES } from "./merges.ts";

const said = (value: Json | undefined) => value ?? "none";
const result = (base?: Json, local?: Json, remote?: Json) => {
  const { value, clashes } = mergeValues(base, local, remote);
  return clashes.length > 0 ? CLASH : value;
};

test("the table has every combination once", () => {
  expect(new Set(MERGES.map((row) => JSON.stringify(row.slice(0, 3)))).size).toBe(27);
  expect(MERGES).toHaveLength(27);
});

describe.each(MERGES)("of %s, %s and %s", (base, local, remote, expected) => {
  test(`a value becomes ${said(expected)}`, () => {
    expect(result(base, local, remote)).toBe(expected);
  });

  test(`a field becomes ${said(expected)}, whatever stands beside it`, () => {
    const around = (value?: string): Json => ({ kept: 1, ...(value ? { field: value } : {}) });
    const { value, clashes } = mergeValues(around(base), around(local), around(remote));
    if (expected === CLASH) {
      expect(clashes).toEqual([{ path: ["field"], base, local, remote }]);
    } else expect([value, clashes]).toEqual([around(expected), []]);
  });
});

const atoms = fc.constantFrom<Json>(0, 1, "x", null, [1], [1, 2]);
const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    atoms,
    fc.dictionary(fc.constantFrom("a", "b", "__proto__"), tie("tree"), { maxKeys: 3 }),
  ),
}));
const values: fc.Arbitrary<Json | undefined> = fc.option(
  tree.map((value) => cleanJson(value)),
  {
    nil: undefined,
  },
);

test("local and remote may change places", () => {
  fc.assert(
    fc.property(values, values, values, (base, a, b) => {
      const [one, other] = [mergeValues(base, a, b), mergeValues(base, b, a)];
      const turned = other.clashes.map((c) => ({ ...c, local: c.remote, remote: c.local }));
      expect(one.clashes).toEqual(turned);
      if (one.clashes.length === 0) expect(isSame(one.value, other.value)).toBe(true);
    }),
  );
});

test("a value merged with itself is itself, and with its base too", () => {
  fc.assert(
    fc.property(values, values, (base, a) => {
      for (const merged of [mergeValues(base, a, a), mergeValues(base, a, base)]) {
        expect([isSame(merged.value, a), merged.clashes]).toEqual([true, []]);
      }
    }),
  );
});

test("three values of one base are the same in any grouping, where none clash", () => {
  const merge = (base: Json | undefined, a: Json | undefined, b: Json | undefined) => {
    const { value, clashes } = mergeValues(base, a, b);
    fc.pre(clashes.length === 0);
    return value;
  };
  const fields = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.constantFrom(0, 1));
  const flat = fields.map((value) => cleanJson(value));
  fc.assert(
    fc.property(flat, flat, flat, flat, (base, a, b, c) => {
      const left = merge(base, merge(base, a, b), c);
      expect(isSame(left, merge(base, a, merge(base, b, c)))).toBe(true);
    }),
  );
});

test("what only one side changed or deleted is as it made it", () => {
  const at = (value: Json | undefined, path: string[]): Json | undefined =>
    path.reduce<Json | undefined>(
      (inner, name) => (isObject(inner) && Object.hasOwn(inner, name) ? inner[name] : undefined),
      value,
    );
  const touches = (a: string[], b: string[]) =>
    a.every((name, i) => i >= b.length || name === b[i]);
  fc.assert(
    fc.property(values, values, values, (base, a, b) => {
      const { value, clashes } = mergeValues(base, a, b);
      fc.pre(clashes.length === 0);
      const theirs = differences(base, b);
      const alone = differences(base, a).filter(
        ({ path }) => !theirs.some((other) => touches(path, other.path)),
      );
      for (const { path, to } of alone) expect(isSame(at(value, path), to)).toBe(true);
    }),
  );
});

test("two objects that were made at once are put together", () => {
  expect(result(undefined, { a: 1 }, { b: 2 })).toEqual({ a: 1, b: 2 });
  expect(result("text", { a: 1 }, { b: 2 })).toBe(CLASH);
});

test("a list is one value", () => {
  expect(result([1], [1, 2], [0, 1])).toBe(CLASH);
  expect(result([1], [1, 2], [1])).toEqual([1, 2]);
});

test("fields with names of JavaScript's own are fields", () => {
  const own = (text: string) => cleanJson(JSON.parse(text));
  const merged = result({}, own('{"__proto__": 1}'), own('{"constructor": 2}'));
  expect(JSON.stringify(merged)).toBe('{"__proto__":1,"constructor":2}');
});
