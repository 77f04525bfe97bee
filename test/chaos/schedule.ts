/** One thing that happens while letters are on their way. */
export type Act =
  | { do: "send"; urgent: boolean; odd: boolean }
  | { do: "draft" }
  | { do: "clear" }
  | { do: "dialog" }
  | { do: "refuse" }
  | { do: "work" }
  | { do: "mode"; mode: "copy-mode" | "clock-mode" }
  | { do: "leave" }
  | { do: "input-off" }
  | { do: "input-on" }
  | { do: "resize"; columns: number }
  | { do: "kill-dispatcher" }
  | { do: "kill-agent" }
  | { do: "pause"; ms: number };

export interface Schedule {
  seed: number;
  acts: Act[];
}

/** Mulberry32: small, and the same on every machine. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** How often each act is drawn; a hazard's end is as likely as its beginning. */
const WEIGHTS: [number, (next: () => number) => Act][] = [
  [10, (next) => ({ do: "send", urgent: next() < 0.2, odd: next() < 0.3 })],
  [3, () => ({ do: "draft" })],
  [3, () => ({ do: "clear" })],
  [2, () => ({ do: "dialog" })],
  [2, () => ({ do: "refuse" })],
  [2, () => ({ do: "work" })],
  [2, (next) => ({ do: "mode", mode: next() < 0.7 ? "copy-mode" : "clock-mode" })],
  [2, () => ({ do: "leave" })],
  [1, () => ({ do: "input-off" })],
  [1, () => ({ do: "input-on" })],
  [1, (next) => ({ do: "resize", columns: next() < 0.5 ? 20 : 160 })],
  [1, () => ({ do: "kill-dispatcher" })],
  [1, () => ({ do: "kill-agent" })],
  [6, (next) => ({ do: "pause", ms: Math.floor(next() * 250) })],
];

/** The acts of a seed: always the same, six to sixteen, with at least one letter. */
export function schedule(seed: number): Schedule {
  const next = random(seed);
  const total = WEIGHTS.reduce((sum, [weight]) => sum + weight, 0);
  const draw = (): Act => {
    let left = next() * total;
    for (const [weight, make] of WEIGHTS) {
      left -= weight;
      if (left < 0) return make(next);
    }
    return { do: "pause", ms: 0 };
  };
  const acts = Array.from({ length: 6 + Math.floor(next() * 11) }, draw);
  return { seed, acts: [...acts, { do: "send", urgent: false, odd: false }] };
}

/** Shorter schedules that may fail in the same way: without one act each, longest cut first. */
export function* shorter({ seed, acts }: Schedule): Generator<Schedule> {
  for (let size = Math.floor(acts.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at + size <= acts.length; at += size) {
      yield { seed, acts: [...acts.slice(0, at), ...acts.slice(at + size)] };
    }
  }
}
