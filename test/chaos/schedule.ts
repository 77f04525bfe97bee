import { type Body, drawBody } from "./bodies.ts";

/** Where the dispatcher stands when an ambush meets it: just before, or just after, what it does. */
export const MOMENTS = ["look", "paste", "pasted", "settle", "enter", "entered", "rest"] as const;
export type Moment = (typeof MOMENTS)[number];

const PEOPLE = ["draft", "copy-mode", "input-off", "sync", "prompt", "dialog", "resize"] as const;
const DEATHS = ["kill-agent", "kill-pane", "swap-server", "die", "unsocket", "fill"] as const;
export const TRAPS = [
  ...PEOPLE,
  ...DEATHS,
  "second-writer",
  "unmark",
  "read",
  "hang",
  "late",
] as const;
export type Trap = (typeof TRAPS)[number];

/** How the agent ends before its next start; `held`: its pane is closed while its program hangs. */
export const ENDS = ["stop", "kill", "close", "held"] as const;
export type End = (typeof ENDS)[number];

/** One thing that happens while letters are on their way. Times in ms. */
export type Act =
  | { do: "send"; by: number; urgent: boolean; wake: boolean; body: Body }
  | { do: "burst"; senders: number }
  | { do: "send-self" }
  | { do: "ov-send"; killAfter: number }
  | { do: "trigger" }
  | { do: "type"; text: string }
  | { do: "clear" }
  | { do: "submit"; text: string }
  | { do: "refuse" }
  | { do: "interrupt" }
  | { do: "mode"; mode: "copy-mode" | "clock-mode" | "choose-tree" }
  | { do: "leave" }
  | { do: "input"; on: boolean }
  | { do: "sync"; on: boolean }
  | { do: "resize"; columns: number }
  | { do: "hang" }
  | { do: "kill-agent" }
  | { do: "kill-pane" }
  | { do: "swap-server" }
  | { do: "die" }
  /** The file of the tmux socket is deleted, and made again at a person's wish. */
  | { do: "unsocket" }
  | { do: "resocket" }
  /** Whoever calls has another `TMUX_TMPDIR`. */
  | { do: "elsewhere"; on: boolean }
  /** The disk of the store is full, and empty again. */
  | { do: "fill" }
  | { do: "free" }
  /** No process gets a file watch (inotify). */
  | { do: "blind"; on: boolean }
  /** The agent is ended and started again by `ov sling`, which is killed after so many ms. */
  | { do: "restart"; end: End; killAfter: number | null }
  | { do: "kill-hook"; after: number }
  | { do: "lock"; ms: number }
  | { do: "unmark" }
  /** Words come into the composer that the program knows nothing of. */
  | { do: "spoil" }
  | { do: "clock"; skew: number }
  | { do: "ambush"; at: Moment; trap: Trap; ms?: number }
  /** Until each letter was taken, seen or held, or a second and a half. */
  | { do: "watch" }
  /** `ov mail check`, by whoever sits beside the agent. */
  | { do: "read" }
  | { do: "pause"; ms: number };

export interface Schedule {
  seed: number;
  profile: string;
  acts: Act[];
}

type Next = () => number;

/** Mulberry32: small, and the same on every machine. */
export function random(seed: number): Next {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const pick = <T>(next: Next, from: readonly T[]): T => from[Math.floor(next() * from.length)]!;
const upTo = (next: Next, n: number) => Math.floor(next() * n);

/** What a person types; `/`, `@` and `!` open menus and modes in real agents. */
const DRAFTS = ["half a thought", "/he", "@READ", "!ls", "- a list", "two words;", "x"];
const PROMPTS = ["RUN: sleep 0.2", "RUN: true", "ASK: touch answered", "SLOW 0.6", "hello there"];

/** What may lie in wait where; what stands twice is drawn twice as often. */
const AMBUSHES: readonly (readonly [Moment, readonly Trap[]])[] = [
  ["look", ["second-writer", "die", "kill-pane", "unmark", "unmark", "unsocket"]],
  ["paste", ["draft", "draft", "copy-mode", "input-off", "sync", "prompt", "dialog"]],
  ["paste", ["resize", "kill-agent", "swap-server", "swap-server", "second-writer", "die"]],
  ["paste", ["unsocket", "fill"]],
  ["pasted", ["fill"]],
  ["entered", ["fill"]],
  ["pasted", ["draft", "die", "kill-agent", "resize", "copy-mode", "hang"]],
  ["settle", ["draft", "draft", "copy-mode", "input-off", "resize", "die", "sync"]],
  ["enter", ["draft", "copy-mode", "sync", "swap-server", "die", "second-writer", "hang"]],
  ["enter", ["unsocket"]],
  ["entered", ["die", "kill-agent", "draft", "read", "read", "hang"]],
  ["rest", ["die", "prompt", "kill-agent"]],
];
const PLACES = AMBUSHES.flatMap(([at, traps]) => traps.map((trap) => ({ at, trap })));

/** How often each act is drawn; a hazard's end is about as likely as its beginning. */
const WEIGHTS: [number, (next: Next) => Act][] = [
  [20, (next) => sending(next)],
  [3, (next) => ({ do: "burst", senders: 2 + upTo(next, 7) })],
  [1, () => ({ do: "send-self" })],
  [0.4, (next) => ({ do: "ov-send", killAfter: upTo(next, 120) })],
  [2, () => ({ do: "trigger" })],
  [5, (next) => ({ do: "type", text: pick(next, DRAFTS) })],
  [5, () => ({ do: "clear" })],
  [6, (next) => ({ do: "submit", text: pick(next, PROMPTS) })],
  [3, () => ({ do: "refuse" })],
  [1, () => ({ do: "interrupt" })],
  [4, (next) => ({ do: "mode", mode: pick(next, ["copy-mode", "clock-mode", "choose-tree"]) })],
  [3, () => ({ do: "leave" })],
  [1, () => ({ do: "input", on: false })],
  [1, () => ({ do: "input", on: true })],
  [0.7, () => ({ do: "sync", on: true })],
  [0.7, () => ({ do: "sync", on: false })],
  [1, (next) => ({ do: "resize", columns: pick(next, [20, 40, 160]) })],
  [0.7, () => ({ do: "hang" })],
  [0.7, () => ({ do: "kill-agent" })],
  [0.3, () => ({ do: "kill-pane" })],
  [0.3, () => ({ do: "swap-server" })],
  [1.5, () => ({ do: "die" })],
  [1.5, () => ({ do: "unsocket" })],
  [0.5, () => ({ do: "resocket" })],
  [1.5, () => ({ do: "elsewhere", on: true })],
  [0.5, () => ({ do: "elsewhere", on: false })],
  [1, () => ({ do: "fill" })],
  [1, () => ({ do: "free" })],
  [1, () => ({ do: "blind", on: true })],
  [0.5, () => ({ do: "blind", on: false })],
  [1.5, (next) => ({ do: "restart", end: pick(next, ENDS), killAfter: killTime(next) })],
  [2, (next) => ({ do: "kill-hook", after: upTo(next, 90) })],
  [0.4, (next) => ({ do: "lock", ms: 200 + upTo(next, 800) })],
  [0.7, () => ({ do: "unmark" })],
  // Only the dispatcher's clock jumps here, by less than a lease lasts; the store's does not.
  [0.7, (next) => ({ do: "clock", skew: upTo(next, 30_000) - 15_000 })],
  [18, (next) => ({ do: "ambush", ...pick(next, PLACES) })],
  [10, () => ({ do: "watch" })],
  [3, () => ({ do: "read" })],
  [6, (next) => ({ do: "pause", ms: upTo(next, 120) })],
];

/** While a start does its work, and now and then never. */
const killTime = (next: Next) => (next() < 0.25 ? null : upTo(next, 1_200));

function sending(next: Next): Act & { do: "send" } {
  const by = upTo(next, 3);
  const urgent = next() < 0.15;
  return { do: "send", by, urgent, wake: next() < 0.85, body: drawBody(next) };
}

/** The acts of a seed: always the same, four to twelve, with at least one letter. */
export function schedule(seed: number, profile: string): Schedule {
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
  // An ambush needs somebody who walks into it.
  const acts = Array.from({ length: 4 + upTo(next, 7) }, draw).flatMap((act): Act[] =>
    act.do === "ambush" ? [act, { ...sending(next), wake: true }, { do: "watch" }] : [act],
  );
  return { seed, profile, acts: [...acts, sending(next)] };
}

/** Shorter schedules that may fail in the same way: without one run of acts, longest cut first. */
export function* shorter({ acts, ...rest }: Schedule): Generator<Schedule> {
  for (let size = Math.floor(acts.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at + size <= acts.length; at += size) {
      yield { ...rest, acts: [...acts.slice(0, at), ...acts.slice(at + size)] };
    }
  }
}
