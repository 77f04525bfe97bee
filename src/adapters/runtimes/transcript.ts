import { statSync } from "node:fs";
import { isAbsolute } from "node:path";
import { cleanHeader, head } from "../../domain/text.ts";
import type { LastWords } from "../../ports/agent-files.ts";
import type {
  OddTranscript,
  TranscriptDropped,
  TranscriptHas,
  TranscriptHolds,
  TranscriptSecrets,
  TranscriptUndoes,
} from "../../ports/runtime.ts";
import type { ReadUsage } from "../../ports/usage.ts";
import { isMissing } from "../files.ts";
import type { Reader } from "./reader.ts";
import type { Memory } from "./usage-lines.ts";

const claude = async (): Promise<Reader> => (await import("./claude-transcript.ts")).claudeReader;

/** The readers by their prefix; a name without one of these is a file of Claude Code's form. */
const READERS = new Map<string, () => Promise<Reader>>([
  ["codex", async () => (await import("./codex-transcript.ts")).codexReader],
  ["gemini", async () => (await import("./gemini-transcript.ts")).geminiReader],
  ["opencode", async () => (await import("../sqlite/opencode-transcript.ts")).opencodeReader],
]);

/** A name that no file can have. */
const NOWHERE = "/dev/null/no transcript";

function placeOf(transcript: string) {
  const cut = transcript.indexOf(":");
  const load = READERS.get(transcript.slice(0, Math.max(0, cut)));
  return { load: load ?? claude, place: load ? transcript.slice(cut + 1) : transcript };
}

async function open(transcript: string): Promise<{ reader: Reader; place: string }> {
  const { load, place } = placeOf(transcript);
  return { reader: await load(), place: isOtherThanFile(place) ? NOWHERE : place };
}

/**
 * Why what a hook named is no transcript: a device or a pipe would be read for ever. Undefined: it
 * is a file, or none yet.
 */
export const oddTranscript: OddTranscript = (transcript) => {
  const { place } = placeOf(transcript);
  if (!isAbsolute(place)) return `its transcript ${said(place)} is no absolute path`;
  return isOtherThanFile(place) ? `its transcript ${said(place)} is no file` : undefined;
};

const said = (place: string) => head(cleanHeader(place), 300);

function isOtherThanFile(place: string): boolean {
  try {
    return !statSync(place).isFile();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

export const transcriptSecrets: TranscriptSecrets = async (transcript) => {
  const { reader, place } = await open(transcript);
  return reader.secrets(place);
};

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
