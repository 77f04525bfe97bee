import type { Call } from "../../domain/usage.ts";
import type { Usage } from "../../ports/usage.ts";
import {
  count,
  type FoldKind,
  type Line,
  type Memory,
  readOn,
  timeOf,
  usageOf,
} from "./usage-lines.ts";

/**
 * Gemini CLI 0.61.0: `input` holds what came from the cache; what was thought and what tools added
 * are not in `output` and `input`. A message is written again when its tools have ended.
 */
function callOf({ id, type, model, timestamp, tokens }: Line): Call | undefined {
  if (type !== "gemini" || typeof id !== "string" || typeof model !== "string") return undefined;
  if (typeof tokens !== "object" || tokens === null) return undefined;
  const { input, cached, tool, output, thoughts } = tokens as Line;
  return {
    id,
    model,
    at: timeOf(timestamp),
    input: Math.max(0, count(input) - count(cached)) + count(tool),
    cacheRead: count(cached),
    cacheWrite: 0,
    cacheWrite1h: 0,
    output: count(output) + count(thoughts),
  };
}

/** What is taken back from the conversation was paid all the same. */
const GEMINI: FoldKind = {
  marks: [Buffer.from('"tokens"')],
  begin() {
    const calls = new Map<string, Call>();
    return {
      calls,
      take(line) {
        const { messages = [] } = (line.$set ?? {}) as { messages?: Line[] };
        for (const entry of [line, ...messages]) {
          const call = callOf(entry);
          if (call) calls.set(call.id!, call);
        }
      },
    };
  },
};

export async function geminiUsage(path: string, memory: Memory): Promise<Usage | undefined> {
  return usageOf([await readOn(path, memory, GEMINI)]);
}
