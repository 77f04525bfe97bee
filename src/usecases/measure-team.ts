import { type EndingKind, isCrash } from "../domain/ending.ts";
import { percentile } from "../domain/metrics.ts";
import type { EventFigure, MetricsStore, Period } from "../ports/metrics.ts";

export interface LetterFigure {
  state: string;
  door: string | null;
  letters: number;
  /** Time from sending to proof, in ms; null where none was seen. */
  medianMs: number | null;
  p95Ms: number | null;
}

export interface Metrics {
  letters: LetterFigure[];
  /** Of all that were seen. */
  seen: { letters: number; medianMs: number | null; p95Ms: number | null };
  sent: number;
  wakeTries: number;
  holds: Record<string, number>;
  requeued: number;
  dead: number;
  /** `ended`: by the kind of their end. */
  sessions: { started: number; ended: Record<string, number>; crashes: number };
  /** By outcome; what was merged, by its tier. */
  merges: Record<string, number>;
}

const times = (sorted: readonly number[]) => ({
  medianMs: percentile(sorted, 0.5),
  p95Ms: percentile(sorted, 0.95),
});

/** Figures of a period, from the store alone. */
export function measureTeam(store: MetricsStore, period: Period): Metrics {
  const deliveries = store.deliveries(period);
  const events = store.events(period);
  const all = deliveries.flatMap(({ seenAfter }) => seenAfter).sort((a, b) => a - b);
  const count = (kind: string) =>
    events.filter((one) => one.kind === kind).reduce((sum, one) => sum + one.count, 0);
  const ended = byReason(events, "session.ended");
  return {
    letters: deliveries.map(({ seenAfter, ...rest }) => ({ ...rest, ...times(seenAfter) })),
    seen: { letters: all.length, ...times(all) },
    sent: count("mail.sent"),
    wakeTries: count("mail.noticed"),
    holds: byReason(events, "mail.held"),
    requeued: count("mail.requeued"),
    dead: count("mail.dead"),
    sessions: {
      started: count("session.started"),
      ended,
      crashes: crashesIn(ended),
    },
    merges: mergesOf(events),
  };
}

const crashesIn = (ended: Record<string, number>) =>
  Object.entries(ended)
    .filter(([kind]) => isCrash({ kind: kind as EndingKind }))
    .reduce((sum, [, n]) => sum + n, 0);

function byReason(events: readonly EventFigure[], kind: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { kind: own, reason, count } of events) {
    if (own !== kind) continue;
    const key = reason ?? "unknown";
    found[key] = (found[key] ?? 0) + count;
  }
  return found;
}

/** A merge that names no tier went in without help. */
function mergesOf(events: readonly EventFigure[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { kind, reason, count } of events) {
    const status = /^merge\.(?!unsent$)(\w+)$/.exec(kind)?.[1];
    if (status === undefined) continue;
    const key = status === "merged" ? `merged (${reason ?? "clean"})` : status;
    found[key] = (found[key] ?? 0) + count;
  }
  return found;
}
