import type { Message } from "./message.ts";
import { isProtocol } from "./message.ts";
import { quoteBody, quotePayload, quoteSubject } from "./quote.ts";
import { maskSecrets, replyLine } from "./reply-line.ts";
import { head } from "./text.ts";

/** Claude Code cuts hook output above 10,000 characters (2.1.329); this stays under it. */
export const INJECT_LIMIT = 9_000;
const RESERVE = 200;

/** How long a text is for those who cut it. */
export type Size = (text: string) => number;
export const inLetters: Size = (text) => text.length;
export const inBytes: Size = (text) => new TextEncoder().encode(text).length;

/** A message as it is offered: with the secret that its reply line carries. */
export type Offered = Message & { secret?: string };

/** One letter in the contract form, without the blank line that follows it. */
export function formatLetter(
  m: Offered,
  room = Number.POSITIVE_INFINITY,
  size: Size = inLetters,
): string {
  const mark = m.priority === "normal" ? "" : ` [${m.priority.toUpperCase()}]`;
  const top = `--- From: ${m.sender}${mark} (${m.type}) ---\nSubject: ${quoteSubject(maskSecrets(m.subject))}\n`;
  const payload =
    m.payload && isProtocol(m.type) ? `Payload: ${quotePayload(maskSecrets(m.payload))}\n` : "";
  const end = replyLine(m.id, m.secret);
  const body = maskSecrets(quoteBody(m.body));
  const left = room - size(top) - size(payload) - size(end) - 1;
  if (size(body) <= left) return `${top}${body}\n${payload}${end}`;
  const pointer = `\n[cut here; read all of it with: ov mail read ${m.id}]`;
  if (size(payload) > room / 2) {
    return `${top}${cut(body, room / 2 - size(top), size)}${pointer}\n${end}`;
  }
  return `${top}${cut(body, left - size(pointer), size)}${pointer}\n${payload}${end}`;
}

/** The longest begin of a text that is at most `max` long. */
export function cut(text: string, max: number, size: Size): string {
  let [fits, over] = [0, Math.min(text.length, Math.max(0, max)) + 1];
  while (over - fits > 1) {
    const middle = Math.floor((fits + over) / 2);
    if (size(head(text, middle)) <= max) fits = middle;
    else over = middle;
  }
  return head(text, fits);
}

/** How many letters of this list fit in one injection; at least one when there is one. */
export function fitting(
  letters: readonly Offered[],
  size: Size = inLetters,
  limit = INJECT_LIMIT,
): number {
  let used = RESERVE;
  let count = 0;
  for (const letter of letters) {
    used += size(formatLetter(letter)) + 2;
    if (used > limit && count > 0) break;
    count++;
    if (used > limit) break;
  }
  return count;
}

/** Whether a text begins as `formatInjection` makes it. */
export const isInjection = (text: string): boolean => /^You have \d+ new messages?:\n/.test(text);

/**
 * The text that a hook prints: nothing for no letters, otherwise the contract form, at most
 * `limit` long, ending with how many more wait.
 */
export function formatInjection(
  letters: readonly Offered[],
  waiting: number,
  size: Size = inLetters,
  limit = INJECT_LIMIT,
): string {
  if (letters.length === 0) return "";
  const n = letters.length;
  const parts = [`You have ${n} new message${n === 1 ? "" : "s"}:\n`];
  const room = n === 1 ? limit - RESERVE : Number.POSITIVE_INFINITY;
  for (const letter of letters) parts.push(`${formatLetter(letter, room, size)}\n`);
  if (waiting > 0) {
    parts.push(`${waiting} more waiting; read them with: ov mail check\n`);
  }
  return `${parts.join("\n")}\n`;
}
