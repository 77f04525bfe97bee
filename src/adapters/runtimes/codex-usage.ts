import { basename, dirname, join, relative, resolve } from "node:path";
import type { Call } from "../../domain/usage.ts";
import type { Usage } from "../../ports/usage.ts";
import { listIfThere } from "../files.ts";
import { readHead } from "./tail.ts";
import {
  count,
  type FoldKind,
  type Line,
  type Memory,
  readOn,
  timeOf,
  usageOf,
} from "./usage-lines.ts";

/** Its input holds what came from the cache and what went to it, its output what was reasoned. */
interface Total {
  input: number;
  cached: number;
  written: number;
  output: number;
}

const NOTHING: Total = { input: 0, cached: 0, written: 0, output: 0 };

const totalOf = (usage: unknown): Total => {
  const line = (usage ?? {}) as Line;
  return {
    input: count(line.input_tokens),
    cached: count(line.cached_input_tokens),
    written: count(line.cache_write_input_tokens),
    output: count(line.output_tokens),
  };
};

const less = (a: Total, b: Total): Total => ({
  input: a.input - b.input,
  cached: a.cached - b.cached,
  written: a.written - b.written,
  output: a.output - b.output,
});

/**
 * Codex 0.169.0 writes a `token_usage_record` for each call, and the sum of the thread. The older
 * `token_count` has the sum only, and comes again without a call: what it has grown by is a call.
 * A sum that falls is one of a thread that begins anew.
 */
const CODEX: FoldKind = {
  marks: ["token_usage_record", "token_count", "turn_context"].map((word) => Buffer.from(word)),
  begin() {
    const calls = new Map<string, Call>();
    let model = "unknown";
    let sum = NOTHING;
    const add = (id: string | undefined, at: number, spent: Total) => {
      const { input, cached, written, output } = spent;
      if (input + output === 0) return;
      calls.set(id ?? `#${calls.size}`, {
        ...{ id, model, at, cacheRead: cached, cacheWrite: written, cacheWrite1h: 0, output },
        input: Math.max(0, input - cached - written),
      });
    };
    return {
      calls,
      take({ type, timestamp, payload }) {
        const body = (payload ?? {}) as Line;
        const at = timeOf(timestamp);
        if (type === "turn_context" && typeof body.model === "string") model = body.model;
        if (type === "token_usage_record") {
          const { response_id: id } = body;
          add(typeof id === "string" ? id : undefined, at, totalOf(body.usage));
          sum = totalOf(body.thread_token_usage);
        }
        if (type !== "event_msg" || body.type !== "token_count" || !body.info) return;
        const info = body.info as Line;
        const total = totalOf(info.total_token_usage);
        const grown = less(total, sum);
        const isNew = grown.input < 0 || grown.output < 0;
        add(
          undefined,
          at,
          isNew ? (info.last_token_usage ? totalOf(info.last_token_usage) : total) : grown,
        );
        sum = total;
      },
    };
  },
};

const ROLLOUT = /^rollout-.*-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jsonl$/;
const HEAD_BYTES = 4096;
/** A rollout's first line is never changed. */
const roots = new Map<string, string>();

/** The thread that a rollout's thread began in: its own id, or that of whoever spawned it. */
function rootOf(path: string): string | undefined {
  const known = roots.get(path);
  if (known !== undefined) return known;
  const root = /"session_id":"([^"]+)"/.exec(readHead(path, HEAD_BYTES) ?? "")?.[1];
  if (root !== undefined) roots.set(path, root);
  return root;
}

/** Below `sessions/<year>/<month>/<day>`, from the day of its own on. */
function subagentsOf(path: string): string[] {
  const id = ROLLOUT.exec(basename(path))?.[1];
  if (id === undefined) return [];
  const sessions = resolve(dirname(path), "..", "..", "..");
  const day = relative(sessions, dirname(path));
  const below = (folder: string) =>
    listIfThere(join(sessions, folder)).map((name) => join(folder, name));
  const days = listIfThere(sessions).flatMap(below).flatMap(below);
  return days
    .filter((one) => one >= day)
    .flatMap(below)
    .filter((file) => ROLLOUT.test(basename(file)))
    .map((file) => join(sessions, file))
    .filter((file) => basename(file) !== basename(path) && rootOf(file) === id);
}

/** With its subagents: each writes a rollout of its own, which names the thread of the first one. */
export async function codexUsage(path: string, memory: Memory): Promise<Usage | undefined> {
  const paths = [path, ...subagentsOf(path)];
  return usageOf(await Promise.all(paths.map((file) => readOn(file, memory, CODEX))));
}
