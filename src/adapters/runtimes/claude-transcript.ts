import type { Fact } from "../../domain/state.ts";
import { readTail } from "./tail.ts";

interface Block {
  type?: string;
  id?: string;
  name?: string;
  tool_use_id?: string;
}

/**
 * Whether a prompt that was queued at `since` (Unix ms) was taken back before its turn: with it goes
 * what its hook had added (2.1.329: Up takes back all that is queued, Esc begins their turn).
 */
export function wasPopped(path: string, since: number): boolean {
  const operations = (readTail(path)?.lines ?? [])
    .filter(
      ({ type, timestamp }) => type === "queue-operation" && Date.parse(`${timestamp}`) >= since,
    )
    .map(({ operation }) => operation);
  const next = operations.find((operation) => operation !== "enqueue");
  return operations[0] === "enqueue" && next === "popAll";
}

/**
 * What the end of a transcript says about progress: when it last grew, and the tool that has been
 * called and has not answered (Claude Code 2.1.329 writes a line when a message is complete). It
 * says nothing about the state: a turn may be silent for long.
 */
export function transcriptFact(path: string): Fact | undefined {
  const tail = readTail(path);
  if (!tail) return undefined;
  const open = new Map<string, string>();
  for (const { message } of tail.lines) {
    const content = (message as { content?: unknown } | undefined)?.content;
    for (const block of Array.isArray(content) ? (content as Block[]) : []) {
      if (block.type === "tool_use" && block.id) open.set(block.id, block.name ?? "?");
      if (block.type === "tool_result" && block.tool_use_id) open.delete(block.tool_use_id);
    }
  }
  const tools = [...open.values()];
  const detail = tools.length > 0 ? `tool ${tools.join(", ")} runs` : "no tool runs";
  return { source: "transcript", state: "unknown", detail, at: tail.at };
}
