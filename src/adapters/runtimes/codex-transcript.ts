import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { isMissing } from "../files.ts";
import { fileSecrets } from "./file-secrets.ts";
import type { Reader } from "./reader.ts";
import { lastWordsIn } from "./tail.ts";

const CODEX = "codex:";
/** A transcript that is asked through the reader of Codex's rollouts. */
export const codexTranscript = (path: string): string => `${CODEX}${path}`;
export const codexPath = (transcript: string): string | undefined =>
  transcript.startsWith(CODEX) ? transcript.slice(CODEX.length) : undefined;

/** What the model said; `function_call_output` and the like are what it is told. */
const SAID = /^(reasoning|function_call|custom_tool_call|local_shell_call|web_search_call)$/;

function isAnswer(line: string): boolean {
  if (!line.includes('"response_item"')) return false;
  try {
    const { type, payload } = JSON.parse(line);
    if (type !== "response_item") return false;
    return payload?.role === "assistant" || SAID.test(payload?.type ?? "");
  } catch {
    return false; // The line that is being written.
  }
}

/**
 * Which needles a rollout holds, and which of them the model was given: what hooks add is written
 * down before the call that carries it (0.169.0), so only what the model said after it proves.
 */
async function codexFate(
  path: string,
  needles: readonly string[],
): Promise<{ held: Set<string>; given: Set<string> }> {
  const held = new Set<string>();
  const given = new Set<string>();
  try {
    for await (const line of createInterface({ input: createReadStream(path, "utf8") })) {
      if (held.size > given.size && isAnswer(line)) for (const needle of held) given.add(needle);
      for (const needle of needles) if (line.includes(needle)) held.add(needle);
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return { held, given };
}

export const codexReader: Reader = {
  secrets: fileSecrets,
  has: async (path, needles) => (await codexFate(path, needles)).given,
  holds: async (path, needle) => (await codexFate(path, [needle])).held.has(needle),
  dropped: async () => false,
  lastWords: async (path) =>
    lastWordsIn(path, ({ type, payload }) => {
      const { type: kind, message } = (payload ?? {}) as Record<string, unknown>;
      return type === "event_msg" && kind === "agent_message" ? message : "";
    }),
  usage: async (path, memory) => (await import("./codex-usage.ts")).codexUsage(path, memory),
};
