import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  MESSAGE_TYPES,
  type MessageType,
  newId,
  PROTOCOL_TYPES,
  replyType,
  wakes,
} from "../../src/domain/message.ts";

const TIME = fc.nat({ max: 4_102_444_800_000 });

test("ids sort by the time at which they were made", () => {
  fc.assert(
    fc.property(TIME, TIME, (a, b) => {
      fc.pre(a < b);
      expect(newId("msg", a, randomBytes) < newId("msg", b, randomBytes)).toBe(true);
    }),
  );
});

test("an id is its prefix and 16 characters without i, l, o and u", () => {
  expect(newId("msg", Date.now(), randomBytes)).toMatch(/^msg-[0-9a-hjkmnp-tv-z]{16}$/);
});

test("a thousand ids of one millisecond differ", () => {
  const ids = Array.from({ length: 1000 }, () => newId("msg", 1, randomBytes));
  expect(new Set(ids).size).toBe(1000);
});

test("there are 14 types, 10 of them with a payload", () => {
  expect([MESSAGE_TYPES.length, PROTOCOL_TYPES.length]).toEqual([14, 10]);
});

const RESULT: readonly MessageType[] = ["question", "dispatch", "assign"];

test.each(MESSAGE_TYPES)("the reply to a %s has the contract's type", (type) => {
  expect(replyType(type)).toBe(RESULT.includes(type) ? "result" : "status");
});

const CALM: readonly MessageType[] = ["status", "question", "result", "health_check"];

test.each(MESSAGE_TYPES)("a %s of normal priority wakes only if its type says so", (type) => {
  expect(wakes(type, "normal", false)).toBe(!CALM.includes(type));
});

test.each(["high", "urgent"] as const)("priority %s wakes whatever the type", (priority) => {
  expect(wakes("status", priority, false)).toBe(true);
});

test("a sender who asks wakes with any letter", () => {
  expect(wakes("status", "low", true)).toBe(true);
});

test("priority low does not wake by itself", () => {
  expect(wakes("status", "low", false)).toBe(false);
});
