import type { Session } from "../domain/agent.ts";
import { AppError } from "../domain/errors.ts";
import { bareId } from "../domain/reply-line.ts";
import { CANDIDATES, meant } from "../domain/short-id.ts";
import type { Letter, Store } from "../ports/store.ts";

export function unknownMessage(id: string): AppError {
  return new AppError("not_found", `there is no message "${id}"`, "list them with: ov mail list");
}

/**
 * The letter of this id, with or without a reply line's secret, or of the only id that begins so.
 * Throws `refused` where several do.
 */
export function findLetter({ mail }: Pick<Store, "mail">, text: string): Letter | undefined {
  const id = bareId(text);
  const exact = mail.get(id);
  if (exact) return exact;
  const found = mail.beginning(id, CANDIDATES);
  // Without what every id begins with.
  const whole = found.length > 0 ? found : mail.beginning(`msg-${id}`, CANDIDATES);
  const full = meant("message", id, whole, String);
  return full === undefined ? undefined : mail.get(full);
}

/** The same; throws `not_found` where there is none. */
export function letterOf(store: Pick<Store, "mail">, id: string): Letter {
  const letter = findLetter(store, id);
  if (!letter) throw unknownMessage(id);
  return letter;
}

/** The session of this id or of the only id that begins so. Throws `refused` where several do. */
export const findSession = ({ sessions }: Pick<Store, "sessions">, id: string) =>
  meant<Session>("session", id, sessions.beginning(id, CANDIDATES), (one) => one.id);
