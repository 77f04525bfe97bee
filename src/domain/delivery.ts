/** Life of a delivery: one row for each recipient of a message. Drawn in docs/delivery.md. */
export const DELIVERY_STATES = ["queued", "leased", "offered", "seen", "acked", "dead"] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** Every move that is allowed. The store refuses all others by its WHERE clauses. */
export const MOVES: Record<DeliveryState, readonly DeliveryState[]> = {
  queued: ["leased", "acked", "dead"],
  leased: ["queued", "offered", "seen", "acked"],
  offered: ["queued", "seen", "acked"],
  seen: ["queued", "acked"],
  acked: [],
  dead: ["queued"],
};

/** Why a queued letter waits. */
export const HOLD_REASONS = [
  "dialog_open",
  "human_draft",
  "pane_mode",
  "agent_busy",
  "agent_unknown",
  "not_running",
  "rate_limited",
  "route_down",
  "input_off",
  "panes_synchronized",
  "input_unread",
  "over_budget",
  "turn_undone",
] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

/**
 * How a text left our hands: a reader's own command, the runtime's own door, the keys of a composer,
 * or a hook's event.
 */
export type Door = "command" | "bell" | "type" | `hook:${string}`;

/**
 * Which later hook events of the same session prove that the model was called with what a hook
 * injected. A tool proves nothing of what came with a tool: hooks of tools that ran side by side
 * follow each other without a call between them. Nothing but the transcript proves what came with
 * a prompt: a prompt that is typed while the agent works is queued, and its context with it
 * (Claude Code 2.1.329 fires the hook when the prompt is queued).
 */
const PROOFS: Record<string, readonly string[]> = {
  "hook:SessionStart": ["PostToolUse", "Stop"],
  "hook:UserPromptSubmit": [],
  "hook:PostToolUse": ["Stop"],
  "hook:Stop": ["PostToolUse", "Stop"],
};

export function proves(event: string, door: string | null): boolean {
  return (PROOFS[door ?? ""] ?? []).includes(event);
}

export interface Delivery {
  seq: number;
  messageId: string;
  recipient: string;
  state: DeliveryState;
  /** Reason of the last hold or of death. */
  reason: string | null;
  attempts: number;
  /** Unix ms of the next wake, or null. */
  nextTryAt: number | null;
  /**
   * Leased: until when. Offered: until when its silent session is still waited for; null: it was
   * not silent yet. Seen: since when its turn may be taken back; null: it cannot be.
   */
  leaseUntil: number | null;
  /** Who took it last; for the door `type` the id that was typed with it. */
  owner: string | null;
  door: string | null;
  /** The runtime's id of the session that it was offered to, and that session's transcript. */
  session: string | null;
  transcript: string | null;
  /** The hash of the last offer's secret (reply-line.ts); null: it carried none. */
  secretHash: string | null;
  proof: string | null;
  offeredAt: number | null;
  seenAt: number | null;
  ackedAt: number | null;
}

/** A claimed letter must be offered within this time; then recovery looks for it. */
export const LEASE_MS = 30_000;

/** How long a hold lasts before the next look, in ms. A busy or drafting agent is looked at soon. */
const HOLD_MS: Record<HoldReason, number> = {
  agent_busy: 500,
  dialog_open: 700,
  human_draft: 1_000,
  pane_mode: 700,
  agent_unknown: 1_000,
  not_running: 5_000,
  rate_limited: 5_000,
  route_down: 5_000,
  input_off: 1_000,
  panes_synchronized: 1_000,
  input_unread: 1_000,
  over_budget: 10_000,
  turn_undone: 30_000,
};

/** After a notice that no hook answered, the next waits this long, and twice as long each time. */
const NOTICE_BACKOFF_MS = 15_000;
const DOUBLINGS = 5;

/** When a letter may be announced again that was announced this often (Unix ms). */
export function nextNotice(attempts: number, now: number): number {
  return now + NOTICE_BACKOFF_MS * 2 ** Math.min(DOUBLINGS, attempts);
}

/** When a letter held now for this reason is due again (Unix ms). */
export function dueAfter(reason: HoldReason, now: number): number {
  return now + HOLD_MS[reason];
}

/** The words for a person. */
export const REASON_TEXT: Record<HoldReason, string> = {
  dialog_open: "a dialog is open in the agent's pane; a person must answer it",
  human_draft: "somebody's half-typed text is in the composer",
  pane_mode: "the pane is in copy mode: somebody reads",
  agent_busy: "the agent is in a turn; the letter goes in at its next tool or at the turn's end",
  agent_unknown: "the agent's state cannot be told",
  not_running: "the agent has no running session",
  rate_limited: "the route accepts no more letters now",
  route_down: "the route is down",
  input_off: "input to the pane is switched off",
  panes_synchronized: "the window's panes are synchronized",
  input_unread: "the agent's program is held up: it has not read what was typed before",
  over_budget: "the agent has used up its budget, so no letter begins or prolongs a turn",
  turn_undone:
    "its turn failed or was broken off, and the agent forgot it; it goes in with the next",
};
