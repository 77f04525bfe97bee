/** How many writes of each writer are known: those from 1 up to the number. */
export type Vector = Readonly<Record<string, number>>;

export type Order = "before" | "after" | "equal" | "concurrent";

const at = (vector: Vector, writer: string) =>
  Object.hasOwn(vector, writer) ? vector[writer]! : 0;
const within = (a: Vector, b: Vector) => Object.keys(a).every((key) => at(a, key) <= at(b, key));

/** `before`: everything that `a` knows, `b` knows too, and more. */
export function compare(a: Vector, b: Vector): Order {
  const [isWithin, holds] = [within(a, b), within(b, a)];
  if (isWithin) return holds ? "equal" : "before";
  return holds ? "after" : "concurrent";
}

export const covers = (a: Vector, b: Vector): boolean => within(b, a);

function combine(a: Vector, b: Vector, pick: (x: number, y: number) => number): Vector {
  const writers = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  const counts = writers.map((key) => [key, pick(at(a, key), at(b, key))] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

/** What either knows. */
export const join = (a: Vector, b: Vector): Vector => combine(a, b, Math.max);

/** What both know. */
export const meet = (a: Vector, b: Vector): Vector => combine(a, b, Math.min);

export const joinAll = (vectors: readonly Vector[]): Vector => vectors.reduce(join, {});

/** The vector of a write by one who knew `known`; `least` is a count that was given before. */
export const next = (known: Vector, writer: string, least = 0): Vector =>
  join(known, { [writer]: Math.max(at(known, writer), least) + 1 });

export const countOf = at;

/** Equal texts for equal vectors: `ann@3f9a1c2e:1 bo@3f9a1c2e:4`. */
export const vectorText = (vector: Vector): string =>
  Object.keys(vector)
    .sort()
    .map((writer) => `${writer}:${vector[writer]}`)
    .join(" ");
