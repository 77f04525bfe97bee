/** From `since` on, before `until` (Unix ms). */
export interface Period {
  since: number;
  until: number;
}

export interface DeliveryFigure {
  state: string;
  door: string | null;
  letters: number;
  /** From sending to the proof, in ms, of those that are known to have been seen; sorted. */
  seenAfter: number[];
}

export interface EventFigure {
  kind: string;
  /** What its data names as reason, as kind of an end, or as tier of a merge. */
  reason: string | null;
  count: number;
}

/** Counts over a store, for people; the deliveries are those of letters sent in the period. */
export interface MetricsStore {
  deliveries(period: Period): DeliveryFigure[];
  events(period: Period): EventFigure[];
  close(): void;
}
