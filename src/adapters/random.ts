import { closeSync, openSync, readSync } from "node:fs";

/** Random bytes of the system (Linux, macOS). Loading node:crypto for them costs each start 2 ms. */
export function randomBytes(count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  const file = openSync("/dev/urandom", "r");
  try {
    for (let at = 0; at < count; ) at += readSync(file, bytes, at, count - at, null);
  } finally {
    closeSync(file);
  }
  return bytes;
}
