import type { DeliveryFigure, EventFigure, MetricsStore } from "../../ports/metrics.ts";
import { openDatabase } from "./database.ts";

const DELIVERIES = `
  SELECT d.state, d.door, count(*) AS letters,
    json_group_array(d.seen_at - m.created_at) FILTER (WHERE d.seen_at IS NOT NULL) AS seenAfter
  FROM messages m CROSS JOIN deliveries d USING (seq)
  WHERE m.created_at >= @since AND m.created_at < @until
  GROUP BY d.state, d.door ORDER BY d.state, d.door`;

const HAS_REASON = "(kind IN ('session.ended', 'mail.held') OR kind GLOB 'merge.*')";
const EVENTS = `
  SELECT kind, NULL AS reason, count(*) AS count FROM events
  WHERE at >= @since AND at < @until AND NOT ${HAS_REASON} GROUP BY kind
  UNION ALL
  SELECT kind, coalesce(json_extract(data, '$.ending.kind'),
    json_extract(data, '$.reason'), json_extract(data, '$.tier')), count(*) FROM events
  WHERE at >= @since AND at < @until AND ${HAS_REASON} GROUP BY 1, 2
  ORDER BY 1, 3 DESC`;

type Row = Omit<DeliveryFigure, "seenAfter"> & { seenAfter: string };

/** A store of its own over the same file, so that no other verb loads these questions. */
export function openMetrics(path: string): MetricsStore {
  const db = openDatabase(path);
  return {
    deliveries: (period) =>
      (db.prepare(DELIVERIES).all(period) as Row[]).map((row) => ({
        ...row,
        seenAfter: (JSON.parse(row.seenAfter) as number[]).sort((a, b) => a - b),
      })),
    events: (period) => db.prepare(EVENTS).all(period) as EventFigure[],
    close: () => db.close(),
  };
}
