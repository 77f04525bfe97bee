import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import {
  chosen,
  notedOf,
  type Spent,
  sayCost,
  sayTokens,
  sayUsd,
  sumBy,
  sumOf,
  usdOf,
} from "../../src/domain/costs.ts";
import { checkPrices, costOf, type Price, priceOf } from "../../src/domain/price.ts";
import type { Call } from "../../src/domain/usage.ts";

const CALL: Call = {
  id: "a",
  model: "m-1",
  at: 1_000,
  input: 1_000_000,
  cacheRead: 2_000_000,
  cacheWrite: 3_000_000,
  cacheWrite1h: 4_000_000,
  output: 5_000_000,
};
const FULL: Price = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75, cacheWrite1h: 6 };

test("each kind of token has its own price", () => {
  expect(costOf(CALL, FULL)).toBeCloseTo(1 * 3 + 2 * 0.3 + 3 * 3.75 + 4 * 6 + 5 * 15, 9);
});

test("a cache without a price of its own costs as input, an hour of it as minutes", () => {
  expect(costOf(CALL, { input: 3, output: 15 })).toBe((1 + 2 + 3 + 4) * 3 + 5 * 15);
  const short = { input: 3, output: 15, cacheRead: 0, cacheWrite: 4 };
  expect(costOf(CALL, short)).toBe(1 * 3 + (3 + 4) * 4 + 5 * 15);
});

test("a prompt above the mark has the price above it, cache and answer as well", () => {
  const price = { input: 1, output: 1, above: { tokens: 200_000, input: 2, output: 10 } };
  const small = { ...CALL, input: 100_000, cacheRead: 100_000, cacheWrite: 0, cacheWrite1h: 0 };
  expect(costOf({ ...small, output: 1_000_000 }, price)).toBeCloseTo(0.2 + 1, 9);
  const large = { ...small, input: 100_001, output: 1_000_000 };
  expect(costOf(large, price)).toBeCloseTo(0.200001 * 2 + 10, 9);
});

test.each([
  ["gpt-5-codex", 3],
  ["gpt-5-codex-2026-01-01", 3],
  ["gpt-5", 1],
  ["gpt-5-2026-01-01", 1],
  ["openai/gpt-5", 1],
  ["gpt-5.9", undefined],
  ["gpt-50", undefined],
  ["other", undefined],
])("the price of %s is that of its longest beginning, or none", (model, input) => {
  const prices = { "gpt-5": { input: 1, output: 1 }, "gpt-5-codex": { input: 3, output: 3 } };
  expect(priceOf(prices, model)?.input).toBe(input);
});

test("a person's price counts before the program's word, and that before the list", () => {
  const list = { "m-1": { input: 1, output: 0, cacheRead: 0, cacheWrite: 0 } };
  const own = { m: { input: 7, output: 0, cacheRead: 0, cacheWrite: 0 } };
  expect(usdOf({ ...CALL, told: 5 }, { own, list })).toBe(7);
  expect(usdOf({ ...CALL, told: 5 }, { own: {}, list })).toBe(5);
  expect(usdOf(CALL, { own: {}, list })).toBe(1);
  expect(usdOf(CALL, { own: {}, list: {} })).toBeUndefined();
});

const spent = (more: Partial<Spent>): Spent => ({
  ...{ ...CALL, agent: "bo", session: "s1", runtime: "claude", task: "t-1", run: 1, usd: 1 },
  ...more,
});
const CALLS = [
  spent({ id: "1" }),
  spent({ id: "2", agent: "cy", session: "s2", usd: 5, task: "t-2", at: 2_000 }),
  spent({ id: "3", usd: undefined, model: "free", run: 2, at: 3_000 }),
];

test("rows sum by key, the dearest first; what has no price is named and is not 0", () => {
  const rows = sumBy(CALLS, "agent");
  expect(rows.map(({ key, calls, usd, unpriced }) => [key, calls, usd, unpriced])).toEqual([
    ["cy", 1, 5, []],
    ["bo", 2, 1, ["free"]],
  ]);
  expect(rows.map(sayCost)).toEqual(["$5.00", "$1.00 + ?"]);
  expect(sayCost(sumBy(CALLS, "model").at(-1)!)).toBe("?");
  expect(sumOf("none", [])).toMatchObject({ calls: 0, usd: 0, unpriced: [] });
});

test("filters hold together", () => {
  const ids = (filter: Parameters<typeof chosen>[1]) => chosen(CALLS, filter).map(({ id }) => id);
  expect(ids({})).toEqual(["1", "2", "3"]);
  expect(ids({ agent: "bo", run: 1 })).toEqual(["1"]);
  expect(ids({ task: "t-1" })).toEqual(["1", "3"]);
  expect(ids({ since: 2_000 })).toEqual(["2", "3"]);
});

test("the date of a sum is that of the oldest list price in it, and of no other", () => {
  const list = {
    "m-1": { input: 1, output: 1, noted: "2026-02-02" },
    old: { input: 1, output: 1, noted: "2020-01-01" },
  };
  expect(notedOf(CALLS, { own: {}, list })).toBe("2026-02-02");
  expect(notedOf(CALLS, { own: { m: FULL }, list })).toBeUndefined();
});

test.each([
  [0, "$0.00"],
  [0.0004, "$0.0004"],
  [0.05, "$0.0500"],
  [1.005, "$1.00"],
  [12.345, "$12.35"],
])("%d USD is %s", (usd, text) => expect(sayUsd(usd)).toBe(text));

test.each([
  [999, "999"],
  [1_000, "1.0k"],
  [999_949, "999.9k"],
  [999_950, "1.0M"],
])("%d tokens are %s", (n, text) => expect(sayTokens(n)).toBe(text));

test("every price of the list is whole and dated, and reading the cache is never dearer", () => {
  const list = checkPrices(parse(readFileSync("templates/prices.yaml", "utf8")), "prices.yaml");
  expect(Object.keys(list).length).toBeGreaterThan(10);
  for (const [model, price] of Object.entries(list)) {
    expect(price.noted, model).toMatch(/^2026-/);
    expect(price.cacheRead ?? 0, model).toBeLessThan(price.input);
    expect(price.input, model).toBeLessThan(price.output);
  }
  expect(priceOf(list, "claude-opus-5-5")).toMatchObject({ input: 4, output: 20, cacheRead: 0.2 });
  expect(priceOf(list, "claude-opus-5-20260101")).toMatchObject({ input: 5, output: 25 });
});
