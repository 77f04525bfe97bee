import { sha256 as hashed } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/**
 * SHA-256, in hexadecimal; a key or a secret of many random bits needs no salt. By a library in
 * JavaScript: every call of `ov` by an agent hashes its key, and to load Node's crypto costs 2 to 6 ms.
 */
export const sha256 = (text: string | Uint8Array): string =>
  bytesToHex(hashed(typeof text === "string" ? utf8ToBytes(text) : text));
