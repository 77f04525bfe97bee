import * as z from "zod/mini";
import { AppError } from "./errors.ts";
import { sayIssues } from "./issues.ts";
import type { ProtocolType } from "./message.ts";

const text = z.string().check(z.minLength(1));
const texts = z.array(z.string());
const count = z.int().check(z.nonnegative());

/** The payload that each protocol type carries. Unknown fields are kept: prompts add their own. */
export const PAYLOADS = {
  dispatch: z.looseObject({
    taskId: text,
    specPath: z.nullable(text),
    capability: text,
    fileScope: texts,
    skipScouts: z.optional(z.boolean()),
    skipReview: z.optional(z.boolean()),
    maxAgents: z.optional(count),
  }),
  assign: z.looseObject({
    taskId: text,
    specPath: z.nullable(text),
    workerName: text,
    branch: text,
  }),
  worker_done: z.looseObject({
    taskId: text,
    branch: text,
    exitCode: z.int(),
    filesModified: texts,
  }),
  worker_died: z.looseObject({
    agentName: text,
    capability: text,
    taskId: text,
    reason: text,
    lastActivity: text,
    terminatedBy: text,
  }),
  merge_ready: z.looseObject({ branch: text, taskId: text, agentName: text, filesModified: texts }),
  merged: z.looseObject({ branch: text, taskId: text, tier: text }),
  merge_failed: z.looseObject({
    branch: text,
    taskId: text,
    conflictFiles: texts,
    errorMessage: z.string(),
  }),
  escalation: z.looseObject({
    severity: z.enum(["warning", "error", "critical"]),
    taskId: z.nullable(z.string()),
    context: z.string(),
  }),
  health_check: z.looseObject({ agentName: text, checkType: z.enum(["liveness", "readiness"]) }),
  decision_gate: z.looseObject({
    options: z.array(z.string()).check(z.minLength(1)),
    context: z.string(),
    deadline: z.optional(z.string()),
  }),
} satisfies Record<ProtocolType, z.ZodMiniType>;

function withTaskId(payload: unknown): unknown {
  if (typeof payload !== "object" || payload === null || !("beadId" in payload)) return payload;
  return "taskId" in payload ? payload : { taskId: payload.beadId, ...payload };
}

/** Parses `--payload`. Throws `usage` when it is not JSON. */
export function parsePayload(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new AppError("usage", "--payload is not JSON", 'write e.g. \'{"taskId":"t-1"}\'', {
      cause,
    });
  }
}

/**
 * The payload as it is stored. Refuses a malformed one of a protocol type, naming every wrong
 * field. `beadId` is what prompts of Overstory call a task's id.
 */
export function checkPayload(type: ProtocolType, payload: unknown): unknown {
  const named = withTaskId(payload);
  const result = PAYLOADS[type].safeParse(named);
  if (result.success) return named;
  const fields = Object.keys(PAYLOADS[type]._zod.def.shape).join(", ");
  throw new AppError(
    "usage",
    `payload of ${type} is refused: ${sayIssues(result.error.issues, "(payload)")}`,
    `${type} has the fields ${fields}`,
  );
}
