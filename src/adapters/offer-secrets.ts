import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { newSecret } from "../domain/reply-line.ts";
import type { Secrets } from "../ports/runtime.ts";
import { randomBytes } from "./random.ts";

export const secrets: Secrets = {
  newSecret: () => newSecret(randomBytes),
  /** By a library in JavaScript: loading node:crypto costs each start 2 ms and more. */
  hashOf: (secret) => bytesToHex(sha256(utf8ToBytes(secret))),
};
