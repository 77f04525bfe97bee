import { AppError } from "./errors.ts";

/** How many ids that begin alike are worth a look: one more is said as `…`. */
export const CANDIDATES = 6;

/**
 * What an id or its beginning means, by all that begin with it (`CANDIDATES` at most). Undefined
 * where there is none. Throws `refused`, naming them, where there are several and none is the text
 * itself.
 */
export function meant<T>(
  what: string,
  text: string,
  found: readonly T[],
  idOf: (one: T) => string,
): T | undefined {
  const exact = found.find((one) => idOf(one) === text);
  if (exact !== undefined || found.length < 2) return exact ?? found[0];
  const ids = found.map(idOf);
  const named = ids.slice(0, CANDIDATES - 1).join(", ");
  const more = ids.length >= CANDIDATES ? ", …" : "";
  const message = `more than one ${what} begins with "${text}"`;
  throw new AppError("refused", message, `write more of it: ${named}${more}`);
}
