import type { Call } from "../../domain/usage.ts";
import type { Usage } from "../../ports/usage.ts";
import { ask } from "./opencode-transcript.ts";

/**
 * OpenCode 1.18.33 ends each call with a part that has its tokens: input without the cache, output
 * without what was reasoned, and its own idea of the price, 0 where it has none. A subagent has a
 * session of its own below ours.
 */
const CALLS = `
  WITH RECURSIVE own (id) AS (
    SELECT :session UNION SELECT s.id FROM session s JOIN own ON s.parent_id = own.id)
  SELECT p.id, p.time_created AS at,
    coalesce(json_extract(m.data, '$.modelID'), 'unknown') AS model,
    coalesce(json_extract(p.data, '$.tokens.input'), 0) AS input,
    coalesce(json_extract(p.data, '$.tokens.cache.read'), 0) AS cacheRead,
    coalesce(json_extract(p.data, '$.tokens.cache.write'), 0) AS cacheWrite,
    0 AS cacheWrite1h,
    coalesce(json_extract(p.data, '$.tokens.output'), 0)
      + coalesce(json_extract(p.data, '$.tokens.reasoning'), 0) AS output,
    nullif(json_extract(p.data, '$.cost'), 0) AS told
  FROM own JOIN part p ON p.session_id = own.id JOIN message m ON m.id = p.message_id
  WHERE json_valid(p.data) AND json_extract(p.data, '$.type') = 'step-finish'
  ORDER BY p.id`;

const BROKEN = "SELECT count(*) FROM part WHERE session_id = :session AND NOT json_valid(data)";

export const opencodeUsage = async (name: string): Promise<Usage | undefined> =>
  ask<Usage | undefined>(name, undefined, (db, session) => {
    const rows = db.prepare(CALLS).all({ session }) as (Call & { told: number | null })[];
    return {
      calls: rows.map((row) => ({ ...row, told: row.told ?? undefined })),
      broken: db.prepare(BROKEN).pluck().get({ session }) as number,
    };
  });
