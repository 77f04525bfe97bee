import { type Ending, isCrash, sayEnding } from "./ending.ts";
import { cleanHeader, head } from "./text.ts";

/** One line of the log of what changed; never edited. */
export interface Event {
  id: number;
  /** Unix ms. */
  at: number;
  /** `<noun>.<what>`, as `mail.sent` or `session.ended`. */
  kind: string;
  agent: string | null;
  message: string | null;
  /** JSON, by kind. */
  data: string | null;
  /** Who asked: see `Trail`. Both null in events of before. */
  caller: string | null;
  found: string | null;
}

/** Kinds that somebody should look at. */
const FAILURES = new Set([
  "access.refused",
  "checkpoint.failed",
  "hook.failed",
  "notify.failed",
  "backup.failed",
  "mail.dead",
  "merge.unsent",
]);

/**
 * Kinds of events that nothing but a log reads. From events of every other kind something is computed,
 * such as runs, sessions, costs and merges, so that those are never deleted.
 */
export const FORGETTABLE = ["mail", "hook"] as const;

/** What an event's row holds: JSON, and where it is none (another program wrote it) its text. */
export function dataOf({ data }: Pick<Event, "data">): unknown {
  if (data === null) return null;
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}

/** A failure, a death, or an end that nobody wanted. */
export function isFailure(event: Event): boolean {
  if (FAILURES.has(event.kind)) return true;
  if (event.kind !== "session.ended") return false;
  const { ending } = (dataOf(event) ?? {}) as { ending?: Ending };
  return ending !== undefined && isCrash(ending);
}

const MAX = 120;

/** What an event's data says, on one line: `to ann, ben; reason …`. */
export function describeData(event: Event): string {
  const value = dataOf(event);
  if (typeof value === "string") return head(cleanHeader(value), MAX);
  const fields = typeof value === "object" && value !== null ? Object.entries(value) : [];
  const words = fields.filter(([, item]) => item !== null && item !== undefined).map(word);
  const line = words.join("; ");
  return line.length > MAX ? `${line.slice(0, MAX - 1).toWellFormed()}…` : line;
}

function word([key, item]: [string, unknown]): string {
  if (key === "ending") return `${key} ${sayEnding(item as Ending)}`;
  const text = Array.isArray(item) ? item.map(plain).join(", ") : plain(item);
  return `${key} ${text}`.replace(/\s+/g, " ");
}

const plain = (item: unknown) => (typeof item === "object" ? JSON.stringify(item) : String(item));
