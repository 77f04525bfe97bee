import { expect, test } from "vitest";
import { fuzz } from "../figures/hooks.ts";

const RUNS = 60;

test("no random call of a hook ends with another code than 0, says why on stderr, or takes 5 s", async () => {
  const seed = Date.now() % 1_000_000;
  const { calls, broken } = await fuzz(RUNS, seed);
  expect([seed, calls, broken]).toEqual([seed, RUNS, []]);
}, 240_000);
