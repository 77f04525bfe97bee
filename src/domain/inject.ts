import type { Message } from "./message.ts";
import { isProtocol } from "./message.ts";
import { head } from "./text.ts";

/** Claude Code cuts hook output above 10,000 characters (2.1.329); this stays under it. */
export const INJECT_LIMIT = 9_000;
const RESERVE = 200;

/**
 * A body line that could be read as one of our own lines is quoted, also behind blanks and
 * characters that show as nothing. Line separators are not among these: each begins a line.
 */
const LOOKS_LIKE_OURS =
  /^(?=[\p{DI}\p{Cf}\p{Zs}\t\u2800]*(--- From:|\[Reply with:|Payload:|You have \d+ new message))/gmu;

export function quoteBody(body: string): string {
  return body.replace(LOOKS_LIKE_OURS, "> ");
}

/** One letter in the contract form, without the blank line that follows it. */
export function formatLetter(m: Message, room = Number.POSITIVE_INFINITY): string {
  const mark = m.priority === "normal" ? "" : ` [${m.priority.toUpperCase()}]`;
  const top = `--- From: ${m.sender}${mark} (${m.type}) ---\nSubject: ${m.subject}\n`;
  const payload = m.payload && isProtocol(m.type) ? `Payload: ${m.payload}\n` : "";
  const end = `[Reply with: ov mail reply ${m.id} --body "..."]`;
  const body = quoteBody(m.body);
  const left = room - top.length - payload.length - end.length - 1;
  if (body.length <= left) return `${top}${body}\n${payload}${end}`;
  const pointer = `\n[cut here; read all of it with: ov mail read ${m.id}]`;
  if (payload.length > room / 2) {
    return `${top}${head(body, Math.max(0, room / 2 - top.length))}${pointer}\n${end}`;
  }
  return `${top}${head(body, Math.max(0, left - pointer.length))}${pointer}\n${payload}${end}`;
}

/** How many letters of this list fit in one injection; at least one when there is one. */
export function fitting(letters: readonly Message[], limit = INJECT_LIMIT): number {
  let used = RESERVE;
  let count = 0;
  for (const letter of letters) {
    used += formatLetter(letter).length + 2;
    if (used > limit && count > 0) break;
    count++;
    if (used > limit) break;
  }
  return count;
}

/**
 * The text that a hook prints: nothing for no letters, otherwise the contract form, at most
 * `limit` characters, ending with how many more wait.
 */
export function formatInjection(
  letters: readonly Message[],
  waiting: number,
  limit = INJECT_LIMIT,
): string {
  if (letters.length === 0) return "";
  const n = letters.length;
  const parts = [`You have ${n} new message${n === 1 ? "" : "s"}:\n`];
  const room = n === 1 ? limit - RESERVE : Number.POSITIVE_INFINITY;
  for (const letter of letters) parts.push(`${formatLetter(letter, room)}\n`);
  if (waiting > 0) {
    parts.push(`${waiting} more waiting; read them with: ov mail check\n`);
  }
  return `${parts.join("\n")}\n`;
}
