import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openState } from "../../src/adapters/sqlite/state.ts";
import { openStore } from "../../src/adapters/sqlite/store.ts";
import { isConflict, isDeleted, vectorOf } from "../../src/domain/fact.ts";
import type { Json } from "../../src/domain/json.ts";
import { compare, covers, vectorText } from "../../src/domain/vector.ts";
import { mergeSnapshot, packFact } from "../../src/usecases/merge-state.ts";
import {
  listFacts,
  readAll,
  readFact,
  type StateTools,
  setFact,
} from "../../src/usecases/share-state.ts";
import { CLASH, MERGES } from "../domain/merges.ts";

let dir: string;
let clock = 0;
let open: StateTools[] = [];
beforeEach(() => {
  const rooms = process.env.OV_TEST_ROOMS ?? tmpdir();
  mkdirSync(rooms, { recursive: true });
  dir = mkdtempSync(join(rooms, "state-"));
});
afterEach(() => {
  closeAll();
  rmSync(dir, { recursive: true, force: true });
});

let count = 0;
const path = (name: string) => join(dir, `${name}.db`);
function store(name = `s${++count}`): StateTools {
  const marker = { set: () => undefined, clear: () => undefined };
  const now = () => ++clock;
  const tools = { state: openState(path(name), { now, marker }), now };
  open.push(tools);
  return tools;
}
function closeAll(): void {
  for (const { state } of open) state.close();
  open = [];
}

const set = (tools: StateTools, agent: string, value: Json | undefined, key = "k") =>
  setFact(tools, { key, value, agent }).fact;
const view = (tools: StateTools, key = "k") => {
  const fact = tools.state.newest(key);
  if (!fact) return undefined;
  return isConflict(fact) ? CLASH : fact.view.value;
};
/** All facts of one store go to the other. */
const sync = (from: StateTools, to: StateTools) =>
  mergeSnapshot(
    to,
    listFacts(from).map((fact) => packFact(from, fact)),
    "orchestrator",
  );
const writes = (tools: StateTools) =>
  listFacts(tools).flatMap((fact) => fact.writes.map((write) => vectorText(write.vector)));
const letters = (name: string, agent: string) => {
  const store = openStore(path(name));
  const found = store.mail.queued(agent, 100).map(({ subject }) => subject);
  store.close();
  return found;
};

describe.each(MERGES)("of %s, %s and %s in two stores", (base, local, remote, result) => {
  test(`both make ${result ?? "none"}`, () => {
    const [here, there] = [store(), store()];
    if (base !== undefined) set(here, "bo", base);
    sync(here, there);
    readAll(there, "bo");
    if (local !== base) set(here, "bo", local);
    if (remote !== base) set(there, "bo", remote);
    sync(there, here);
    sync(here, there);
    expect([view(here), view(there)]).toEqual([result, result]);
  });
});

test("a write goes by what its writer read, not by what it never saw", () => {
  const tools = store();
  set(tools, "ann", "first");
  expect(readFact(tools, "k", "bo").view.value).toBe("first");
  set(tools, "ann", "second");
  set(tools, "bo", "third");
  expect(view(tools)).toBe(CLASH);
  readFact(tools, "k", "bo");
  set(tools, "bo", "settled");
  expect(view(tools)).toBe("settled");
});

test("who writes on without reading never deletes what others added", () => {
  const tools = store();
  set(tools, "ann", { a: 1 });
  readFact(tools, "k", "bo");
  set(tools, "bo", { a: 1, b: 1 });
  set(tools, "ann", { a: 2 });
  set(tools, "ann", { a: 3 });
  expect(view(tools)).toEqual({ a: 3, b: 1 });
});

test("a stated base is older than what was read since", () => {
  const tools = store();
  set(tools, "ann", "first");
  set(tools, "ann", "second");
  readFact(tools, "k", "bo");
  const { fact } = setFact(tools, { key: "k", value: "third", agent: "bo", base: 1 });
  expect([isConflict(fact), fact.writes.map(({ value }) => value).sort()]).toEqual([
    true,
    ["second", "third"],
  ]);
  const wrong = () => setFact(tools, { key: "k", value: "x", agent: "bo", base: 9 });
  expect(wrong).toThrow(/no version 9/);
});

test("a deletion that was read is written over; one that was not is a conflict", () => {
  const tools = store();
  set(tools, "ann", "x");
  set(tools, "ann", undefined);
  expect(() => readFact(tools, "k", "bo")).toThrow(/deleted in v2 by ann/);
  set(tools, "bo", "new");
  expect(view(tools)).toBe("new");
  set(tools, "ann", undefined);
  expect(view(tools)).toBe(CLASH);
});

test("a deletion of nothing is an answer, not a version", () => {
  const tools = store();
  set(tools, "bo", "x");
  set(tools, "bo", undefined);
  expect(() => set(tools, "bo", undefined)).toThrow(/unknown fact "k"/);
  expect(tools.state.versions("k")).toHaveLength(2);
});

test("both writers of a conflict get one letter, until there is another conflict", () => {
  const tools = store("one");
  set(tools, "ann", "x");
  set(tools, "bo", "y");
  set(tools, "bo", "z");
  set(tools, "ann", "w");
  expect([letters("one", "ann"), letters("one", "bo")]).toEqual([["conflict: k"], ["conflict: k"]]);
  set(tools, "cy", "v");
  expect([letters("one", "cy"), letters("one", "bo")]).toEqual([["conflict: k"], ["conflict: k"]]);
  readFact(tools, "k", "ann");
  set(tools, "ann", "settled");
  set(tools, "bo", "again");
  expect(letters("one", "bo")).toHaveLength(2);
});

test("the same snapshot twice changes nothing", () => {
  const [here, there] = [store(), store()];
  set(here, "ann", "x");
  expect(sync(here, there).map(({ fact }) => fact.version)).toEqual([1]);
  expect(sync(here, there)).toEqual([]);
});

test("agents of one name in two stores are two writers", () => {
  const [here, there] = [store(), store()];
  set(here, "bo", "x");
  set(there, "bo", "y");
  set(there, "bo", "z");
  sync(there, here);
  expect(view(here)).toBe(CLASH);
});

test("a merge without what both knew clashes where they differ, and takes nothing for granted", () => {
  const [here, there] = [store(), store()];
  set(here, "ann", { same: 1, mine: 1, both: 1 });
  const sent = packFact(here, here.state.newest("k")!);
  set(here, "ann", { same: 1, mine: 2, both: 1 });
  const later = packFact(here, here.state.newest("k")!);
  mergeSnapshot(there, [sent], "orchestrator");
  readAll(there, "bo");
  set(there, "bo", { same: 1, mine: 1, both: 3 });
  const theirs = packFact(there, there.state.newest("k")!);
  const third = store();
  mergeSnapshot(third, [{ ...later, past: [] }], "orchestrator");
  const [merged] = mergeSnapshot(third, [{ ...theirs, past: [] }], "orchestrator");
  expect(merged!.fact.view.clashes).toEqual([["both"], ["mine"]]);
  const fourth = store();
  mergeSnapshot(fourth, [later], "orchestrator");
  mergeSnapshot(fourth, [theirs], "orchestrator");
  expect(view(fourth)).toEqual({ same: 1, mine: 2, both: 3 });
});

const AGENTS = ["ann", "bo"];
const steps = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant("write" as const),
      at: fc.nat(2),
      agent: fc.constantFrom(...AGENTS),
      value: fc.option(fc.dictionary(fc.constantFrom("a", "b"), fc.nat(1)), { nil: undefined }),
    }),
    fc.record({
      do: fc.constant("read" as const),
      at: fc.nat(2),
      agent: fc.constantFrom(...AGENTS),
    }),
    fc.record({ do: fc.constant("sync" as const), at: fc.nat(2), to: fc.nat(2) }),
  ),
  { maxLength: 14 },
);

/** What was known by plain sets of writes, beside the vectors: who holds, who knew what. */
interface Shadow {
  held: Set<string>[];
  knew: Map<string, Set<string>>;
  known: Map<string, Set<string>>;
}

test("in three stores no write is dropped that none knew of, in any order of writes, reads and merges", () => {
  fc.assert(
    fc.property(steps, (all) => {
      closeAll();
      const stores = [store(), store(), store()];
      const shadow: Shadow = {
        held: stores.map(() => new Set()),
        knew: new Map(),
        known: new Map(),
      };
      for (const step of all) play(stores, shadow, step);
      for (const [i, tools] of stores.entries()) {
        const held = [...shadow.held[i]!];
        const top = held.filter((id) => !held.some((other) => shadow.knew.get(other)!.has(id)));
        expect(writes(tools).sort()).toEqual(top.sort());
      }
      for (const from of [0, 1, 2, 0, 1])
        for (const to of [0, 1, 2]) sync(stores[from]!, stores[to]!);
      const ends = stores.map((tools) => [writes(tools), view(tools)]);
      expect([ends[1], ends[2]]).toEqual([ends[0], ends[0]]);
    }),
    { numRuns: 60 },
  );
}, 240_000);

type Step = typeof steps extends fc.Arbitrary<(infer S)[]> ? S : never;

function play(stores: StateTools[], { held, knew, known }: Shadow, step: Step): void {
  const tools = stores[step.at]!;
  const here = held[step.at]!;
  if (step.do === "sync") {
    sync(tools, stores[step.to]!);
    for (const id of here) held[step.to]!.add(id);
    return;
  }
  const name = `${step.agent} ${step.at}`;
  const mind = known.get(name) ?? new Set();
  known.set(name, mind);
  if (step.do === "read") {
    readAll(tools, step.agent);
    for (const id of here) mind.add(id);
    return;
  }
  const newest = tools.state.newest("k");
  if (step.value === undefined && (!newest || isDeleted(newest))) return;
  set(tools, step.agent, step.value);
  const { wrote } = tools.state.knowledge("k", step.agent);
  const id = vectorText(wrote);
  knew.set(id, new Set(mind));
  mind.add(id);
  here.add(id);
}

test("what a merge makes covers both sides, and neither covers the other", () => {
  const [here, there] = [store(), store()];
  set(here, "ann", { a: 1 });
  set(there, "bo", { b: 1 });
  const sides = [here, there].map((tools) => vectorOf(tools.state.newest("k")!.writes));
  sync(there, here);
  const merged = vectorOf(here.state.newest("k")!.writes);
  expect(sides.map((side) => covers(merged, side))).toEqual([true, true]);
  expect(compare(sides[0]!, sides[1]!)).toBe("concurrent");
});
