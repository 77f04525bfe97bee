import { resolve } from "node:path";
import { expect, test } from "vitest";

const { GUARDS, without } = await import(resolve("scripts/chaos-guards.mjs"));

test.each(Object.keys(GUARDS))("the guard %s is where chaos takes it out", (name) => {
  expect(without(name).name).toBe(`without-${name}`);
});
