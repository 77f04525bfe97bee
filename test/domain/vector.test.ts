import fc from "fast-check";
import { expect, test } from "vitest";
import {
  compare,
  covers,
  join,
  meet,
  next,
  type Vector,
  vectorText,
} from "../../src/domain/vector.ts";

const vectors: fc.Arbitrary<Vector> = fc.dictionary(
  fc.constantFrom("ann", "bo", "cy"),
  fc.integer({ min: 1, max: 4 }),
);

test.each([
  [{}, {}, "equal"],
  [{}, { bo: 1 }, "before"],
  [{ bo: 2 }, { bo: 1 }, "after"],
  [{ bo: 1 }, { ann: 1 }, "concurrent"],
  [{ bo: 2, ann: 1 }, { bo: 1, ann: 2 }, "concurrent"],
  [{ bo: 1, ann: 1 }, { ann: 1, bo: 1 }, "equal"],
])("%j to %j is %s", (a, b, order) => {
  expect(compare(a, b)).toBe(order);
});

test("what is before one way is after the other way", () => {
  const back = { before: "after", after: "before", equal: "equal", concurrent: "concurrent" };
  fc.assert(fc.property(vectors, vectors, (a, b) => back[compare(a, b)] === compare(b, a)));
});

test("a join covers both, and is covered by all that do", () => {
  fc.assert(
    fc.property(vectors, vectors, vectors, (a, b, c) => {
      const both = join(a, b);
      expect([covers(both, a), covers(both, b)]).toEqual([true, true]);
      expect(covers(c, both)).toBe(covers(c, a) && covers(c, b));
    }),
  );
});

test("joins are the same in any order and grouping, and twice is once", () => {
  fc.assert(
    fc.property(vectors, vectors, vectors, (a, b, c) => {
      expect(vectorText(join(a, b))).toBe(vectorText(join(b, a)));
      expect(vectorText(join(join(a, b), c))).toBe(vectorText(join(a, join(b, c))));
      expect(vectorText(join(a, a))).toBe(vectorText(a));
    }),
  );
});

test("what both know is covered by both, and covers all that is", () => {
  fc.assert(
    fc.property(vectors, vectors, vectors, (a, b, c) => {
      const both = meet(a, b);
      expect(covers(both, c)).toBe(covers(a, c) && covers(b, c));
    }),
  );
});

test("a write comes after all that its writer knew, with a count that was never given", () => {
  fc.assert(
    fc.property(vectors, fc.nat(9), (known, given) => {
      const write = next(known, "bo", given);
      expect(compare(known, write)).toBe("before");
      expect(write.bo).toBeGreaterThan(given);
    }),
  );
});
