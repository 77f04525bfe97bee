import { randomBytes } from "./random.ts";

/** The variable in which a session's program, and all that it starts, carries its key. */
export const KEY = "OV_PASS";

/** 192 bits. */
const BYTES = 24;

/** A new key, and what is stored of it. */
export function newKey(): { key: string; hash: string } {
  const key = Buffer.from(randomBytes(BYTES)).toString("base64url");
  return { key, hash: hashOf(key) };
}

/** SHA-256, in hex: a key of so many random bits needs no salt. Loaded only here: it costs 2 ms. */
export const hashOf = (key: string): string =>
  process.getBuiltinModule("node:crypto").createHash("sha256").update(key).digest("hex");
