import { createReadStream } from "node:fs";
import type { TranscriptDropped, TranscriptHas, TranscriptHolds } from "../../ports/runtime.ts";
import { wasPopped } from "./claude-transcript.ts";
import { codexFate, codexPath } from "./codex-transcript.ts";
import { geminiPath } from "./gemini-hooks.ts";
import { fateOf } from "./gemini-transcript.ts";

export const OPENCODE = "opencode:";

/** Files are read as they are; what is no file names its reader. */
export const transcriptHas: TranscriptHas = async (transcript, needles) => {
  const gemini = geminiPath(transcript);
  if (gemini !== undefined) return (await fateOf(gemini, needles)).given;
  const codex = codexPath(transcript);
  if (codex !== undefined) return (await codexFate(codex, needles)).given;
  if (transcript.startsWith(OPENCODE)) {
    const { opencodeHas } = await import("../sqlite/opencode-transcript.ts");
    return opencodeHas(transcript.slice(OPENCODE.length), needles);
  }
  return fileHas(transcript, needles);
};

/** Those that write down before they call the model. */
export const transcriptHolds: TranscriptHolds = async (transcript, needle) => {
  const gemini = geminiPath(transcript);
  if (gemini !== undefined) return (await fateOf(gemini, [needle])).open.has(needle);
  const codex = codexPath(transcript);
  if (codex !== undefined) return (await codexFate(codex, [needle])).held.has(needle);
  if (!transcript.startsWith(OPENCODE)) return false;
  const { opencodeHolds } = await import("../sqlite/opencode-transcript.ts");
  return opencodeHolds(transcript.slice(OPENCODE.length), needle);
};

/** Gemini CLI takes a turn back that failed; a person takes a prompt back that Claude Code queued. */
export const transcriptDropped: TranscriptDropped = async (transcript, needle, { since, door }) => {
  const gemini = geminiPath(transcript);
  if (gemini === undefined) return door === "hook:UserPromptSubmit" && wasPopped(transcript, since);
  const { dropped } = await fateOf(gemini, [needle]);
  return (dropped.get(needle) ?? 0) > since;
};

/**
 * Claude Code 2.1.329 writes down what it has queued for its next turn, seconds before the model
 * is given it; the end of the session, or a person, may take it back.
 */
const QUEUED = '{"type":"queue-operation"';

/** Which of the needles a file holds; a file that is not there holds none. Reads in chunks. */
async function fileHas(path: string, needles: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  const overlap = Math.max(QUEUED.length, ...needles.map((needle) => needle.length));
  // The end of the line that is being read, and whether its beginning is not in it any more.
  let tail = "";
  let isCut = false;
  let isQueued = false;
  try {
    for await (const chunk of createReadStream(path, { encoding: "utf8" })) {
      const parts = (tail + chunk).split("\n");
      for (const [i, part] of parts.entries()) {
        if (i > 0) isCut = isQueued = false;
        if (!isCut && part.startsWith(QUEUED)) isQueued = true;
        if (isQueued) continue;
        for (const needle of needles) if (part.includes(needle)) found.add(needle);
      }
      if (found.size === needles.length) break;
      const last = parts.at(-1)!;
      isCut ||= last.length > overlap;
      tail = last.slice(-overlap);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return found;
}
