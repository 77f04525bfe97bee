/** Semantic types carry a text; protocol types also carry a payload (see payload.ts). */
export const SEMANTIC_TYPES = ["status", "question", "result", "error"] as const;

export const PROTOCOL_TYPES = [
  "dispatch",
  "assign",
  "worker_done",
  "worker_died",
  "merge_ready",
  "merged",
  "merge_failed",
  "escalation",
  "health_check",
  "decision_gate",
] as const;

export const MESSAGE_TYPES = [...SEMANTIC_TYPES, ...PROTOCOL_TYPES] as const;
export type ProtocolType = (typeof PROTOCOL_TYPES)[number];
export type MessageType = (typeof MESSAGE_TYPES)[number];

export const PRIORITIES = ["low", "normal", "high", "urgent"] as const;
export type Priority = (typeof PRIORITIES)[number];

export interface Message {
  /** Order of acceptance in this store. */
  seq: number;
  /** `msg-` and 16 characters; the same on every route. */
  id: string;
  sender: string;
  /** The address as it was written: a name, `@all`, `@builders`, a group. */
  address: string;
  type: MessageType;
  subject: string;
  body: string;
  /** JSON text, or null. */
  payload: string | null;
  priority: Priority;
  /** Id of the thread's first message. */
  thread: string;
  replyTo: string | null;
  /** Answers in a row up to this one that no person wrote. */
  hops: number;
  /** Unix milliseconds, or null: never. */
  expiresAt: number | null;
  createdAt: number;
}

export function isProtocol(type: MessageType): type is ProtocolType {
  return (PROTOCOL_TYPES as readonly string[]).includes(type);
}

const WAKING: readonly MessageType[] = [
  "dispatch",
  "assign",
  "worker_done",
  "worker_died",
  "merge_ready",
  "merged",
  "merge_failed",
  "escalation",
  "decision_gate",
  "error",
];

/** Whether a letter may start a turn of an idle agent; all others wait for its next turn. */
export function wakes(type: MessageType, priority: Priority, asked: boolean): boolean {
  return asked || priority === "high" || priority === "urgent" || WAKING.includes(type);
}

/** So many answers in a row without a person are a loop. */
export const HOPS_MAX = 20;

/** Types that ask the recipient for an answer and stay in `ov status` until it came. */
export const WANTS_ACK: readonly MessageType[] = [
  "question",
  "dispatch",
  "assign",
  "escalation",
  "decision_gate",
];

/** The type of a reply: an answer to work or a question is a result, all else a status. */
export function replyType(type: MessageType): MessageType {
  return type === "question" || type === "dispatch" || type === "assign" ? "result" : "status";
}

export const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** A new id: `prefix-`, then the time (9 characters) and randomness (7), in sortable base 32. */
export function newId(prefix: string, now: number, random: (bytes: number) => Uint8Array): string {
  let time = "";
  for (let left = now, i = 0; i < 9; i++, left = Math.floor(left / 32)) {
    time = ALPHABET[left % 32] + time;
  }
  let tail = "";
  for (const byte of random(7)) tail += ALPHABET[byte & 31];
  return `${prefix}-${time}${tail}`;
}
