import { ALPHABET } from "./message.ts";

/**
 * The last line of a message that goes to an agent. In an offer it carries a secret of that offer,
 * of which the store knows the hash only: whoever finds it in a conversation knows that the message
 * came there, and nobody else can write it.
 */
const LENGTH = 16;
const SECRET = `~[0-9a-z]{${LENGTH}}`;
const LINE = new RegExp(`\\[Reply with: ov mail reply ([\\w-]+)(${SECRET}) --body`, "g");
const AT_END = new RegExp(`${SECRET}$`);
/** A pane may wrap it anywhere. */
const SHOWN = new RegExp(
  `(msg-(?:\\s*[0-9a-z]){16}\\s*)~(?:\\s*[0-9a-z]){${LENGTH}}(?!\\s*[0-9a-z])`,
  "g",
);

/** A new secret: 80 random bits as 16 characters. `random` gives so many bytes. */
export function newSecret(random: (bytes: number) => Uint8Array): string {
  return Array.from(random(LENGTH), (byte) => ALPHABET[byte & 31]).join("");
}

/** What the reply line of a message begins with, whatever secret it carries. */
export const replyHead = (id: string): string => `[Reply with: ov mail reply ${id}`;

/**
 * The text by which a conversation shows that this message came in the offer with this secret. No
 * other text of ours has it. Without a secret: as in stores that knew none.
 */
export const trace = (id: string, secret?: string | null): string =>
  `${replyHead(id)}${secret ? `~${secret}` : ""} --body`;

export const replyLine = (id: string, secret?: string | null): string =>
  `${trace(id, secret)} "..."]`;

/** Adds to `found` the secrets of a text's reply lines, by the id of their message. */
export function noteSecrets(text: string, found: Map<string, Set<string>>): void {
  for (const [, id = "", secret = ""] of text.matchAll(LINE)) {
    const known = found.get(id) ?? new Set();
    found.set(id, known.add(secret.slice(1)));
  }
}

/** The id alone; people copy it with the secret from the reply line. */
export const bareId = (text: string): string => text.replace(AT_END, "");

/** A text that shows or carries on what an agent was given, without secrets. */
export const maskSecrets = (text: string): string =>
  text.includes("~") ? text.replace(SHOWN, "$1") : text;
