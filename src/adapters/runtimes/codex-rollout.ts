import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { AgentState, Fact } from "../../domain/state.ts";

const STATES: Record<string, AgentState> = {
  task_started: "busy",
  task_complete: "idle",
  turn_aborted: "idle",
};
const CHUNK = 64 * 1024;
/** How far back the begin of a turn is looked for; a turn that wrote more than this still runs. */
const MAX_BACK = 4 * 1024 * 1024;

interface Event {
  timestamp?: string;
  type?: string;
  payload?: { type?: string; reason?: string; error?: { message?: string } };
}

/**
 * What Codex's rollout file says of the turn (0.169.0): `task_started` before the prompt's hook,
 * then `task_complete`, with `error` when the model's API failed, or `turn_aborted`. It says
 * nothing of dialogs. A file that is not there yet says nothing at all.
 */
export function readRollout(path: string, now: number): Fact | undefined {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return lastTurn(file, now);
  } finally {
    closeSync(file);
  }
}

/** Reads backwards, chunk by chunk, to the newest event that begins or ends a turn. */
function lastTurn(file: number, now: number): Fact | undefined {
  const { size } = fstatSync(file);
  let rest = Buffer.alloc(0);
  for (let end = size; end > 0; ) {
    const from = Math.max(0, end - CHUNK);
    const chunk = Buffer.alloc(end - from);
    readSync(file, chunk, 0, chunk.length, from);
    const text = Buffer.concat([chunk, rest]);
    // What stands before the first line end is the end of a line that begins further up.
    const cut = from === 0 ? 0 : text.indexOf(0x0a) + 1;
    const whole = from > 0 && cut === 0 ? "" : text.subarray(cut).toString("utf8");
    const fact = newest(whole.split("\n"));
    if (fact) return fact;
    rest = from > 0 && cut === 0 ? text : text.subarray(0, cut);
    end = from;
    if (size - end > MAX_BACK) {
      return { source: "runtime", state: "busy", detail: "in a long turn", at: now };
    }
  }
  return undefined;
}

function newest(lines: readonly string[]): Fact | undefined {
  const line = lines.findLast((text) => /"payload":\{"type":"(task_|turn_aborted)/.test(text));
  if (line === undefined) return undefined;
  const { timestamp = "", payload } = parse(line);
  const type = payload?.type ?? "";
  const failed = payload?.error !== undefined;
  return {
    source: "runtime",
    state: failed ? "error" : (STATES[type] ?? "unknown"),
    detail: failed ? `turn failed: ${payload?.error?.message ?? type}` : type.replace("_", " "),
    at: Date.parse(timestamp) || 0,
  };
}

/** A line that is being written parses next time. */
function parse(line: string): Event {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
