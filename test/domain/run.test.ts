import { expect, test } from "vitest";
import { isIn, runBy, runsOf } from "../../src/domain/run.ts";

const event = (at: number, what: "started" | "completed", data?: object) => ({
  ...{ id: at, at, kind: `run.${what}`, agent: null, message: null },
  ...{ caller: null, found: null },
  data: data ? JSON.stringify(data) : null,
});

test("runs are what the log tells, numbered from 1, the last one open", () => {
  const log = [event(10, "started"), event(20, "completed", { why: "done" }), event(30, "started")];
  expect(runsOf(log)).toEqual([
    { id: 1, startedAt: 10, endedAt: 20, why: "done" },
    { id: 2, startedAt: 30, endedAt: null, why: null },
  ]);
});

test("a second beginning of an open run, and an end of none, count for nothing", () => {
  const log = [event(5, "completed"), event(10, "started"), event(11, "started")];
  expect(runsOf([...log, event(20, "completed"), event(21, "completed")])).toEqual([
    { id: 1, startedAt: 10, endedAt: 20, why: null },
  ]);
});

test("an end that was found out later stands where it was", () => {
  const [run] = runsOf([event(10, "started"), event(90, "completed", { endedAt: 40 })]);
  expect([isIn(run!, 9), isIn(run!, 10), isIn(run!, 39), isIn(run!, 40)]).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

test("a run that is not there is an error that says what is", () => {
  expect(() => runBy([], undefined)).toThrow("there is no run yet");
  const runs = runsOf([event(10, "started")]);
  expect(runBy(runs, undefined).id).toBe(1);
  expect(() => runBy(runs, 2)).toThrow(expect.objectContaining({ kind: "not_found" }));
});
