import { join } from "node:path";
import type { Call } from "../../domain/usage.ts";
import type { Usage } from "../../ports/usage.ts";
import { listIfThere } from "../files.ts";
import {
  count,
  type FoldKind,
  type Line,
  type Memory,
  readOn,
  timeOf,
  usageOf,
} from "./usage-lines.ts";

interface Message {
  id?: unknown;
  model?: unknown;
  usage?: Line & { cache_creation?: Line };
}

/**
 * A message has a line for each of its blocks, all with its id, and the last one has the whole
 * count (Claude Code 2.1.329). What the program says in the model's place is `<synthetic>`.
 */
function callOf({ message, timestamp }: Line): Call | undefined {
  const { id, model, usage } = (message ?? {}) as Message;
  if (typeof id !== "string" || typeof model !== "string" || !usage) return undefined;
  if (model === "<synthetic>") return undefined;
  const written = count(usage.cache_creation_input_tokens);
  const hour = count(usage.cache_creation?.ephemeral_1h_input_tokens);
  return {
    id,
    model,
    at: timeOf(timestamp),
    input: count(usage.input_tokens),
    cacheRead: count(usage.cache_read_input_tokens),
    cacheWrite: Math.max(0, written - hour),
    cacheWrite1h: hour,
    output: count(usage.output_tokens),
  };
}

const CLAUDE: FoldKind = {
  marks: [Buffer.from('"usage"')],
  begin() {
    const calls = new Map<string, Call>();
    return {
      calls,
      take(line) {
        const call = callOf(line);
        if (call) calls.set(call.id!, call);
      },
    };
  },
};

/** With its subagents, whose transcripts are in `<session>/subagents` beside it (2.1.329). */
export async function claudeUsage(path: string, memory: Memory): Promise<Usage | undefined> {
  const folder = join(path.replace(/\.jsonl$/, ""), "subagents");
  const others = listIfThere(folder).filter((name) => name.endsWith(".jsonl"));
  const paths = [path, ...others.map((name) => join(folder, name))];
  return usageOf(await Promise.all(paths.map((file) => readOn(file, memory, CLAUDE))));
}
