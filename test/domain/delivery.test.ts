import { expect, test } from "vitest";
import {
  DELIVERY_STATES,
  dueAfter,
  HOLD_REASONS,
  MOVES,
  proves,
  REASON_TEXT,
} from "../../src/domain/delivery.ts";
import { formatLetter } from "../../src/domain/inject.ts";
import type { Message } from "../../src/domain/message.ts";
import { formatNotice } from "../../src/domain/notice.ts";
import { trace } from "../../src/domain/reply-line.ts";

test("moves lead from a state to another state", () => {
  for (const from of DELIVERY_STATES) {
    expect(MOVES[from].every((to) => to !== from && DELIVERY_STATES.includes(to))).toBe(true);
  }
});

test("every state is reached from queued", () => {
  const reached = new Set<string>(["queued"]);
  for (const state of reached) for (const to of MOVES[state as "queued"]) reached.add(to);
  expect([...reached].sort()).toEqual([...DELIVERY_STATES].sort());
});

test("what was seen may only be answered, or queued again with a turn that was taken back", () => {
  expect(MOVES.seen).toEqual(["queued", "acked"]);
});

test("what was acked stays acked", () => {
  expect(MOVES.acked).toEqual([]);
});

test("a letter is offered only by the one who has its lease", () => {
  const froms = DELIVERY_STATES.filter((from) => MOVES[from].includes("offered"));
  expect(froms).toEqual(["leased"]);
});

test("a dead letter can only be queued again", () => {
  expect(MOVES.dead).toEqual(["queued"]);
});

test("only a letter that nobody has taken can die", () => {
  const froms = DELIVERY_STATES.filter((from) => MOVES[from].includes("dead"));
  expect(froms).toEqual(["queued"]);
});

test.each(HOLD_REASONS)("%s has words for a person and a next look", (reason) => {
  expect(REASON_TEXT[reason]).not.toBe("");
  expect(dueAfter(reason, 1_000)).toBeGreaterThan(1_000);
});

test.each([
  ["Stop", "hook:UserPromptSubmit", false],
  ["Stop", "hook:PostToolUse", true],
  ["Stop", "hook:Stop", true],
  ["PostToolUse", "hook:UserPromptSubmit", false],
  ["Stop", "hook:SessionStart", true],
  ["PostToolUse", "hook:SessionStart", true],
  ["PostToolUse", "hook:Stop", true],
  ["PostToolUse", "hook:PostToolUse", false],
  ["UserPromptSubmit", "hook:UserPromptSubmit", false],
  ["SessionStart", "hook:Stop", false],
  ["Stop", "command", false],
  ["Stop", null, false],
])("a %s after the door %s: proof is %s", (event, door, proof) => {
  expect(proves(event, door)).toBe(proof);
});

const MESSAGE = {
  id: "msg-0123456789abcdef",
  sender: "bo",
  type: "status",
  subject: "s",
  body: "b",
  payload: null,
  priority: "normal",
} as Message;

test("an injected letter holds its trace", () => {
  expect(formatLetter(MESSAGE)).toContain(trace(MESSAGE.id));
  const secret = "0123456789abcdef";
  expect(formatLetter({ ...MESSAGE, secret })).toContain(trace(MESSAGE.id, secret));
});

test("a notice holds no trace: a wake-up proves no letter", () => {
  expect(formatNotice("wake-1", [MESSAGE])).not.toContain("[Reply with:");
});
