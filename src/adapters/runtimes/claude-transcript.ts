import { createReadStream } from "node:fs";
import type { Fact } from "../../domain/state.ts";
import { isMissing } from "../files.ts";
import { fileSecrets } from "./file-secrets.ts";
import type { Reader } from "./reader.ts";
import { lastWordsIn, readTail } from "./tail.ts";

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
function wasPopped(path: string, since: number): boolean {
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

/**
 * Claude Code 2.1.329 writes down what it has queued for its next turn, seconds before the model
 * is given it; the end of the session, or a person, may take it back.
 */
const QUEUED = '{"type":"queue-operation"';

/** Which of the needles a file holds; a file that is not there holds none. Reads in chunks. */
async function fileHas(path: string, needles: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  const overlap = Math.max(QUEUED.length, ...needles.map((needle) => needle.length));
  // The end of the line that is being read, and whether its beginning is not in it any more.
  let tail = "";
  let isCut = false;
  let isQueued = false;
  try {
    for await (const chunk of createReadStream(path, { encoding: "utf8" })) {
      const parts = (tail + chunk).split("\n");
      for (const [i, part] of parts.entries()) {
        if (i > 0) isCut = isQueued = false;
        if (!isCut && part.startsWith(QUEUED)) isQueued = true;
        if (isQueued) continue;
        for (const needle of needles) if (part.includes(needle)) found.add(needle);
      }
      if (found.size === needles.length) break;
      const last = parts.at(-1)!;
      isCut ||= last.length > overlap;
      tail = last.slice(-overlap);
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return found;
}

/** Files of Claude Code's form; it writes down what the model was given, and not before. */
export const claudeReader: Reader = {
  secrets: fileSecrets,
  has: fileHas,
  holds: async () => false,
  dropped: async (path, _needle, { since, door }) =>
    door === "hook:UserPromptSubmit" && wasPopped(path, since),
  lastWords: async (path) =>
    lastWordsIn(path, ({ type, message }) =>
      type === "assistant" ? (message as { content?: unknown } | undefined)?.content : "",
    ),
  usage: async (path, memory) => (await import("./claude-usage.ts")).claudeUsage(path, memory),
};
