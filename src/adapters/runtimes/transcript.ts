import type { LastWords } from "../../ports/agent-files.ts";
import type {
  TranscriptDropped,
  TranscriptHas,
  TranscriptHolds,
  TranscriptUndoes,
} from "../../ports/runtime.ts";
import type { ReadUsage } from "../../ports/usage.ts";
import type { Reader } from "./reader.ts";
import type { Memory } from "./usage-lines.ts";

const claude = async (): Promise<Reader> => (await import("./claude-transcript.ts")).claudeReader;

/** The readers by their prefix; a name without one of these is a file of Claude Code's form. */
const READERS = new Map<string, () => Promise<Reader>>([
  ["codex", async () => (await import("./codex-transcript.ts")).codexReader],
  ["gemini", async () => (await import("./gemini-transcript.ts")).geminiReader],
  ["opencode", async () => (await import("../sqlite/opencode-transcript.ts")).opencodeReader],
]);

async function open(transcript: string): Promise<{ reader: Reader; place: string }> {
  const cut = transcript.indexOf(":");
  const load = READERS.get(transcript.slice(0, Math.max(0, cut)));
  if (!load) return { reader: await claude(), place: transcript };
  return { reader: await load(), place: transcript.slice(cut + 1) };
}

export const transcriptHas: TranscriptHas = async (transcript, needles) => {
  const { reader, place } = await open(transcript);
  return reader.has(place, needles);
};

export const transcriptHolds: TranscriptHolds = async (transcript, needle) => {
  const { reader, place } = await open(transcript);
  return reader.holds(place, needle);
};

export const transcriptDropped: TranscriptDropped = async (transcript, needle, offer) => {
  const { reader, place } = await open(transcript);
  return reader.dropped(place, needle, offer);
};

export const transcriptUndoes: TranscriptUndoes = async (transcript) =>
  (await open(transcript)).reader.undoes === true;

export const lastWords: LastWords = async (transcript) => {
  const { reader, place } = await open(transcript);
  return reader.lastWords(place);
};

/** One that remembers how far it has read. */
export function usageReader(): ReadUsage {
  const memory: Memory = new Map();
  return async (transcript) => {
    const { reader, place } = await open(transcript);
    return reader.usage(place, memory);
  };
}
