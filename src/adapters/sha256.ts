/**
 * SHA-256, in hexadecimal: of a key or a secret of so many random bits, which needs no salt. Node's
 * crypto is loaded at the first call only: it costs 2 ms, and most starts hash nothing.
 */
export const sha256 = (text: string): string =>
  process.getBuiltinModule("node:crypto").createHash("sha256").update(text).digest("hex");
