/**
 * SHA-256, in hexadecimal; a key or a secret of many random bits needs no salt. Node's crypto is
 * loaded at the first call only: it costs 2 ms, and most starts hash nothing.
 */
export const sha256 = (text: string | Uint8Array): string =>
  process.getBuiltinModule("node:crypto").createHash("sha256").update(text).digest("hex");
