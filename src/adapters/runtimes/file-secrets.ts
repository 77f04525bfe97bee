import { createReadStream } from "node:fs";
import { noteSecrets } from "../../domain/reply-line.ts";
import type { TranscriptSecrets } from "../../ports/runtime.ts";
import { isMissing } from "../files.ts";

/** A reply line is shorter, so none is cut by the end of a chunk. */
const OVERLAP = 200;

/** The secrets in any file of text or JSON lines: nothing in a reply line is escaped there. */
export const fileSecrets: TranscriptSecrets = async (path) => {
  const found = new Map<string, Set<string>>();
  let tail = "";
  try {
    for await (const chunk of createReadStream(path, { encoding: "utf8" })) {
      const text = tail + chunk;
      noteSecrets(text, found);
      tail = text.slice(-OVERLAP);
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return found;
};
