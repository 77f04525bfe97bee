import { fitting, formatInjection, type Offered } from "./inject.ts";
import { replyHead } from "./reply-line.ts";

/** How a composer takes text: see `Typing` in ports/runtime.ts. */
interface Room {
  lines: boolean;
  room: number;
}

/**
 * What stands before letters that are typed. It begins with no character that an agent obeys, and
 * is pasted by itself: a composer that shows a long paste as a token still shows this, so that our
 * own text is known from a person's. `id` is new for each typing, of letters, digits and `-`.
 */
export const typedHead = (id: string): string => `[ov ${id}] Mail for you: `;

/** How many of these letters go into one typed text; at least one when there is one. */
export const fittingTyped = (letters: readonly Offered[], { room }: Room): number =>
  fitting(letters, undefined, room);

/** The letters in the inject form, on one line where the composer would submit at a newline. */
export function formatTyped(letters: readonly Offered[], { room, lines }: Room): string {
  const text = formatInjection(letters, 0, undefined, room).trimEnd();
  if (lines) return text;
  const parts = text.split("\n").map((line) => line.trim());
  return parts.filter((line) => line !== "").join(" | ");
}

const squeeze = (text: string) => text.replace(/\s+/g, "");

/** Whether any of a text that was typed with this id stands in a composer; narrow panes wrap it. */
export const holdsTyped = (draft: string, id: string): boolean =>
  squeeze(draft).includes(squeeze(`[ov ${id}]`));

/**
 * Whether a composer holds exactly what was typed with this id: the head, and behind it the token
 * of a long paste or every letter to the end of the last.
 */
export function isTyped(
  draft: string,
  id: string,
  letterIds: readonly string[],
  token: RegExp | undefined,
): boolean {
  const text = squeeze(draft);
  const head = squeeze(typedHead(id));
  if (!text.startsWith(head)) return false;
  const match = token?.exec(draft);
  if (match && text === head + squeeze(match[0])) return true;
  return (
    text.endsWith('--body"..."]') &&
    letterIds.every((one) => text.includes(squeeze(replyHead(one))))
  );
}
