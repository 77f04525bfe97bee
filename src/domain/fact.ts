import { isSame, type Json } from "./json.ts";
import { differences, mergeValues } from "./three-way.ts";
import { compare, joinAll, meet, type Vector, vectorText } from "./vector.ts";

/** What a fact was, for one who knew exactly these writes. Without a value it was deleted. */
export interface Moment {
  vector: Vector;
  value?: Json;
}

/** One write: a value, or a deletion, by one who knew what its vector says. Never changed. */
export interface Write extends Moment {
  /** `<agent>@<store>`: names are the same in every clone of a project, its stores are not. */
  writer: string;
  /** Unix ms. */
  at: number;
}

/** What the writes that no other one knew of are together. */
export interface View {
  /** Without one it is deleted, or in conflict. */
  value?: Json;
  /** Where the writes clash, as names of fields; `[]` is the whole value. None: it is settled. */
  clashes: string[][];
}

/** A fact as it stands. Two stores with the same writes have the same fact. */
export interface Fact {
  /** None of them knew of another one. */
  writes: Write[];
  view: View;
  /** Who was told of its conflict. */
  told: string[];
  /** What came with it from another store, to merge by. */
  past: Moment[];
}

/** By the text of the vector; `undefined` where two differ, so that neither is taken for the base. */
export type Past = ReadonlyMap<string, Moment | undefined>;

const textOf = ({ vector, value, writer, at }: Write) =>
  JSON.stringify([vectorText(vector), value ?? null, writer, at]);
const isEqual = (a: Moment, b: Moment) =>
  compare(a.vector, b.vector) === "equal" && isSame(a.value, b.value);

/** Of all writes those that no other one knew of: in any order and grouping the same. */
export function joinWrites(a: readonly Write[], b: readonly Write[]): Write[] {
  const all = [...a, ...b].sort((x, y) => (textOf(x) < textOf(y) ? -1 : 1));
  const once = all.filter((write, i) => !all.slice(0, i).some((other) => isEqual(other, write)));
  return once.filter(
    (write) => !once.some((other) => compare(write.vector, other.vector) === "before"),
  );
}

/** Of two joined lists. */
export const isSameFact = (a: readonly Write[], b: readonly Write[]): boolean =>
  a.length === b.length && a.every((write, i) => isEqual(write, b[i]!));

export const isConflict = ({ view }: Pick<Fact, "view">): boolean => view.clashes.length > 0;
export const isDeleted = (fact: Pick<Fact, "view">): boolean =>
  fact.view.value === undefined && !isConflict(fact);
export const vectorOf = (writes: readonly Moment[]): Vector =>
  joinAll(writes.map(({ vector }) => vector));

/** Each write, what they were together where they agreed, and what came from elsewhere. */
function momentsOf(fact: Fact): Moment[] {
  const { writes, view, past } = fact;
  const together = { vector: vectorOf(writes), value: view.value };
  return [...past, ...writes, ...(writes.length > 1 && !isConflict(fact) ? [together] : [])];
}

/** All that is known of a fact: from its versions, oldest first, and what has just arrived. */
export function pastOf(versions: readonly Fact[], arrived: readonly Moment[] = []): Past {
  const past = new Map<string, Moment | undefined>();
  for (const { vector, value } of [...versions.flatMap(momentsOf), ...arrived]) {
    const text = vectorText(vector);
    const isNew = !past.has(text);
    if (isNew || isSame(past.get(text)?.value, value)) past.set(text, { vector, value });
    else past.set(text, undefined);
  }
  return past;
}

/**
 * What writes are together: each is merged with those before it by what both knew. Without that
 * all that differs clashes; an older one would take what was put back for what was not touched.
 */
export function viewOf(writes: readonly Write[], past: Past): View {
  const [first, ...rest] = writes;
  let sum: Moment = { vector: first?.vector ?? {}, value: first?.value };
  const clashes: string[][] = [];
  for (const write of rest) {
    const merged = mergeMoments(sum, write, past);
    clashes.push(...merged.clashes);
    sum = {
      vector: vectorOf([sum, write]),
      value: merged.clashes.length > 0 ? sum.value : merged.value,
    };
  }
  if (clashes.length === 0) return { value: sum.value, clashes };
  const pairs = writes.flatMap((a, i) => writes.slice(i + 1).map((b) => mergeMoments(a, b, past)));
  return { clashes: onceEach([...clashes, ...pairs.flatMap((pair) => pair.clashes)]) };
}

function mergeMoments(a: Moment, b: Moment, past: Past): View {
  if (isSame(a.value, b.value)) return { value: a.value, clashes: [] };
  const base = baseOf(a, b, past);
  if (!base) return { clashes: differences(a.value, b.value).map(({ path }) => path) };
  // Who deletes where nothing was means what the other one wrote, and has not seen it.
  const isGone = a.value === undefined || b.value === undefined;
  if (isGone && base.value === undefined) return { clashes: [[]] };
  const { value, clashes } = mergeValues(base.value, a.value, b.value);
  return clashes.length > 0 ? { clashes: clashes.map(({ path }) => path) } : { value, clashes: [] };
}

/** What it was for those who knew what both knew; `undefined` when nobody can say. */
function baseOf(a: Moment, b: Moment, past: Past): Moment | undefined {
  const vector = meet(a.vector, b.vector);
  if (Object.keys(vector).length === 0) return { vector };
  return compare(a.vector, b.vector) === "equal" ? undefined : past.get(vectorText(vector));
}

function onceEach(paths: string[][]): string[][] {
  const found = new Map(paths.map((path) => [JSON.stringify(path), path]));
  return [...found.keys()].sort().map((text) => found.get(text)!);
}
