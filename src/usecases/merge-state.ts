import { isConflict, isSameFact, joinWrites, pastOf, viewOf } from "../domain/fact.ts";
import { pack, type Relation, relate, type Sent } from "../domain/snapshot.ts";
import { type Difference, differences } from "../domain/three-way.ts";
import type { Version } from "../ports/state.ts";
import { findVersion, keep, type StateTools, type Written } from "./share-state.ts";

/** A fact as it goes into a snapshot. */
export const packFact = ({ state }: StateTools, fact: Version): Sent =>
  pack(fact.key, fact, pastOf(state.versions(fact.key)));

/** Brings a snapshot in; what is known already changes nothing. Returns what did. */
export function mergeSnapshot(tools: StateTools, facts: readonly Sent[], agent: string): Written[] {
  const { state } = tools;
  return state.together(() =>
    facts.flatMap(({ key, writes, past }) => {
      const newest = state.newest(key);
      const joined = joinWrites(newest?.writes ?? [], writes);
      if (newest && isSameFact(joined, newest.writes)) return [];
      return [keep(tools, { key, agent, newest, writes, past })];
    }),
  );
}

export interface Compared {
  key: string;
  relation: Relation;
  /** Whether a merge would end in a conflict. */
  clashes: boolean;
  /** From what it is there to what it is here. */
  differences: Difference[];
}

/** How the facts of a snapshot stand to those here, without those that are the same. */
export function compareSnapshot({ state }: StateTools, facts: readonly Sent[]): Compared[] {
  const there = new Map(facts.map((fact) => [fact.key, fact]));
  const keys = [...new Set([...state.keys(), ...there.keys()])].sort();
  return keys.flatMap((key) => {
    const { writes = [], past = [] } = there.get(key) ?? {};
    const here = state.newest(key)?.writes ?? [];
    const relation = relate(here, writes);
    if (relation === "same") return [];
    const known = pastOf(state.versions(key), [...past, ...writes]);
    const [mine, theirs] = [here, writes].map((side) => viewOf(side, known));
    const together = { view: viewOf(joinWrites(here, writes), known) };
    const clashes = isConflict(together);
    return [{ key, relation, clashes, differences: differences(theirs!.value, mine!.value) }];
  });
}

/** What changed in a fact from one version to another; default: the newest one and that before it. */
export function compareVersions(
  { state }: StateTools,
  { key, from, to }: { key: string; from?: number | undefined; to?: number | undefined },
): { from: number; to: number; differences: Difference[] } {
  const last = to ?? state.newest(key)?.version ?? 1;
  const end = findVersion(state, key, last);
  const start = from ?? last - 1;
  const begin = start === 0 ? undefined : findVersion(state, key, start);
  return { from: start, to: last, differences: differences(begin?.view.value, end.view.value) };
}
