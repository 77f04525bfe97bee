import { expect, test } from "vitest";
import { PROTOCOL_TYPES, type ProtocolType } from "../../src/domain/message.ts";
import { checkPayload, PAYLOADS, parsePayload } from "../../src/domain/payload.ts";

type Fields = Record<string, unknown>;
interface Sample {
  good: Fields;
  /** Fields that may be missing, with a good value. */
  optional?: Fields;
  /** A value of the wrong kind for each field; 7 where none is given. */
  wrong?: Fields;
}

const SAMPLES: Record<ProtocolType, Sample> = {
  dispatch: {
    good: { taskId: "t-1", specPath: "specs/t-1.md", capability: "lead", fileScope: ["src"] },
    optional: { skipScouts: true, skipReview: false, maxAgents: 3 },
    wrong: { maxAgents: "three" },
  },
  assign: { good: { taskId: "t-1", specPath: "s.md", workerName: "bo", branch: "ov/bo/t-1" } },
  worker_done: {
    good: { taskId: "t-1", branch: "ov/bo/t-1", exitCode: 0, filesModified: ["a.ts"] },
    wrong: { exitCode: "0" },
  },
  worker_died: {
    good: {
      agentName: "bo",
      capability: "builder",
      taskId: "t-1",
      reason: "exit code 1",
      lastActivity: "2026-01-01T00:00:00Z",
      terminatedBy: "system",
    },
  },
  merge_ready: {
    good: { branch: "ov/bo/t-1", taskId: "t-1", agentName: "bo", filesModified: [] },
  },
  merged: { good: { branch: "ov/bo/t-1", taskId: "t-1", tier: "clean" } },
  merge_failed: {
    good: { branch: "b", taskId: "t-1", conflictFiles: ["a.ts"], errorMessage: "conflict" },
  },
  escalation: {
    good: { severity: "critical", taskId: null, context: "stuck" },
    wrong: { severity: "bad" },
  },
  health_check: {
    good: { agentName: "bo", checkType: "liveness" },
    wrong: { checkType: "pulse" },
  },
  decision_gate: {
    good: { options: ["a", "b"], context: "which?" },
    optional: { deadline: "2026-01-01T00:00:00Z" },
  },
};

test("there is a sample for each protocol type", () => {
  expect(Object.keys(SAMPLES).sort()).toEqual([...PROTOCOL_TYPES].sort());
});

test.each(PROTOCOL_TYPES)("the samples of %s have every field that is checked", (type) => {
  const { good, optional = {} } = SAMPLES[type];
  const fields = Object.keys(PAYLOADS[type]._zod.def.shape);
  expect(Object.keys({ ...good, ...optional }).sort()).toEqual(fields.sort());
});

test.each(PROTOCOL_TYPES)("a good payload of %s passes", (type) => {
  expect(() => checkPayload(type, SAMPLES[type].good)).not.toThrow();
});

test.each(PROTOCOL_TYPES)(
  "%s passes with its optional fields and fields of a prompt's own",
  (type) => {
    const { good, optional } = SAMPLES[type];
    expect(() => checkPayload(type, { ...good, ...optional, mine: 1 })).not.toThrow();
  },
);

const required = PROTOCOL_TYPES.flatMap((type) =>
  Object.keys(SAMPLES[type].good).map((field) => [type, field] as const),
);

test.each(required)("%s without %s is refused by that field's name", (type, field) => {
  const { [field]: _, ...rest } = SAMPLES[type].good;
  expect(() => checkPayload(type, rest)).toThrow(
    expect.objectContaining({
      kind: "usage",
      message: expect.stringMatching(`^payload of ${type} is refused: ${field}: `),
      hint: expect.stringContaining(field),
    }),
  );
});

const every = PROTOCOL_TYPES.flatMap((type) => {
  const { good, optional = {}, wrong = {} } = SAMPLES[type];
  return Object.keys({ ...good, ...optional }).map((f) => [type, f, wrong[f] ?? 7] as const);
});

test.each(every)("%s with a wrong %s (%j) is refused by that field's name", (type, field, bad) => {
  const payload = { ...SAMPLES[type].good, [field]: bad };
  expect(() => checkPayload(type, payload)).toThrow(
    new RegExp(`^payload of ${type} is refused: ${field}: `),
  );
});

test("every wrong field is named at once", () => {
  expect(() => checkPayload("merged", { tier: 1 })).toThrow(/branch: .*; taskId: .*; tier: /);
});

test.each([[null], [[]], ["text"], [7]])("a payload that is no object (%j) is refused", (value) => {
  expect(() => checkPayload("merged", value)).toThrow(/\(payload\)/);
});

test("an element of a list is named with its place", () => {
  const payload = { ...SAMPLES.merge_ready.good, filesModified: ["a", 1] };
  expect(() => checkPayload("merge_ready", payload)).toThrow(/filesModified\.1/);
});

test("a decision gate needs an option", () => {
  expect(() => checkPayload("decision_gate", { options: [], context: "?" })).toThrow(/options/);
});

test("text that is not JSON is wrong usage", () => {
  expect(() => parsePayload("{a:1}")).toThrow(
    expect.objectContaining({ kind: "usage", message: "--payload is not JSON" }),
  );
});
