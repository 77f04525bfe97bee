import { type Fact, isSameFact, joinWrites, type Moment, type Past, type Write } from "./fact.ts";
import { vectorText } from "./vector.ts";

/** A fact on its way to another store. */
export interface Sent {
  key: string;
  writes: Write[];
  /** What it was before, newest last, so that the other store can merge by it. */
  past: Moment[];
}

/** How much of its past travels with a fact. */
export const PAST = 20;

/** A fact with what another store may need to merge it. */
export function pack(key: string, fact: Fact, past: Past): Sent {
  const now = new Set(fact.writes.map(({ vector }) => vectorText(vector)));
  const before = [...past.values()].filter(
    (moment): moment is Moment => moment !== undefined && !now.has(vectorText(moment.vector)),
  );
  return { key, writes: fact.writes, past: before.slice(-PAST) };
}

/** How a fact here stands to one in a snapshot. */
export type Relation =
  | "same"
  | "only here"
  | "only there"
  | "newer here"
  | "newer there"
  | "both changed";

export function relate(here: readonly Write[], there: readonly Write[]): Relation {
  if (there.length === 0) return "only here";
  if (here.length === 0) return "only there";
  const both = joinWrites(here, there);
  const [isHere, isThere] = [isSameFact(both, here), isSameFact(both, there)];
  if (isHere) return isThere ? "same" : "newer here";
  return isThere ? "newer there" : "both changed";
}
