import type { AgentState, Fact } from "../../domain/state.ts";
import { readTail, type Tail } from "./tail.ts";

const TURN: Record<string, AgentState> = {
  task_started: "busy",
  task_complete: "idle",
  turn_aborted: "idle",
};

interface Payload {
  type?: string;
  call_id?: string;
  name?: string;
  error?: { message?: string };
}

/**
 * What Codex's rollout file says (0.169.0): `task_started` before the prompt's hook runs, then
 * `task_complete`, with `error` when the model's API failed, or `turn_aborted`; and when it last
 * grew. It says nothing of dialogs. No facts where there is no such file yet.
 */
export function rolloutFacts(path: string): Fact[] {
  const tail = readTail(path);
  return tail ? [turnFact(tail), progressFact(tail)] : [];
}

const payloadOf = (line: Record<string, unknown>) => (line.payload ?? {}) as Payload;

/** A turn's end is near the end of the file: where no begin or end is seen, a long turn runs. */
function turnFact({ lines, at }: Tail): Fact {
  const line = lines.findLast(
    (each) => each.type === "event_msg" && Object.hasOwn(TURN, payloadOf(each).type ?? ""),
  );
  if (!line) return { source: "runtime", state: "busy", detail: "in a long turn", at };
  const { type, error } = payloadOf(line);
  return {
    source: "runtime",
    state: error ? "error" : TURN[type!]!,
    detail: error ? `turn failed: ${error.message ?? ""}` : type!.replace("_", " "),
    at: Date.parse(String(line.timestamp)),
  };
}

/** The tools that were called and have not answered. */
function progressFact({ lines, at }: Tail): Fact {
  const open = new Map<string, string>();
  for (const { type, call_id: id, name } of lines.map(payloadOf)) {
    if (id === undefined || type === undefined) continue;
    if (type.endsWith("_call")) open.set(id, name ?? "?");
    if (type.endsWith("_call_output")) open.delete(id);
  }
  const detail = open.size > 0 ? `tool ${[...open.values()].join(", ")} runs` : "no tool runs";
  return { source: "transcript", state: "unknown", detail, at };
}
