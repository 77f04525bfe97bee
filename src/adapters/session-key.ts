import { randomBytes } from "./random.ts";
import { sha256 } from "./sha256.ts";

/** The variable in which a session's program, and all that it starts, carries its key. */
export const KEY = "OV_PASS";

/** 192 bits. */
const BYTES = 24;

/** A new key, and what is stored of it. */
export function newKey(): { key: string; hash: string } {
  const key = Buffer.from(randomBytes(BYTES)).toString("base64url");
  return { key, hash: sha256(key) };
}
