import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Session } from "../../domain/agent.ts";
import type { Fact } from "../../domain/state.ts";
import { isMissing, listIfThere, readIfThere } from "../files.ts";
import { fileSecrets } from "./file-secrets.ts";
import { sessionHome } from "./gemini-home.ts";
import { geminiPath, geminiTranscript } from "./gemini-hooks.ts";
import type { Reader } from "./reader.ts";
import { lastWordsIn } from "./tail.ts";

interface Known {
  id: string;
  transcript: string;
}

/**
 * The conversation that this session writes since it began:
 * `tmp/<project>/chats/session-<minute>-<first 8 of the id>.jsonl`, which is there before the
 * first prompt and begins with its id (0.61.0). `projects.json` names the project's folder; a
 * session's own home has one with its own project only.
 */
export function newestSession(session: Session): Known | undefined {
  const home = sessionHome(session.dir);
  const projects = parse(readOr(join(home, "projects.json")))?.projects ?? {};
  const files = Object.values(projects).flatMap((name) => {
    const chats = join(home, "tmp", name, "chats");
    return listIfThere(chats)
      .filter(isChat)
      .map((file) => join(chats, file));
  });
  const known = files.flatMap((path) => {
    const [first, second] = readOr(path).split("\n", 2).map(parse);
    const began = Date.parse(first?.startTime ?? "");
    return first?.sessionId && began >= session.startedAt && !isCopy(second)
      ? [{ id: first.sessionId, path, began }]
      : [];
  });
  const newest = known.sort((a, b) => b.began - a.began)[0];
  return newest && { id: newest.id, transcript: geminiTranscript(newest.path) };
}

/** When the conversation last grew; a tool's call is written down only with its end (0.61.0). */
export function progressOf(transcript: string): Fact | undefined {
  const path = geminiPath(transcript);
  const at = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  const detail = "a tool runs or the model is asked";
  return at === undefined ? undefined : { source: "transcript", state: "unknown", detail, at };
}

/** Of a past conversation that was asked a question (`--session-file`). */
const isCopy = (second: Entry | undefined) =>
  second?.type === "info" && String(second.content).startsWith("Imported session");
const isChat = (file: string) => file.startsWith("session-") && file.endsWith(".jsonl");
const readOr = (path: string) => readIfThere(path) ?? "";

interface Entry {
  sessionId?: string;
  startTime?: string;
  projects?: Record<string, string>;
  id?: string;
  type?: string;
  content?: unknown;
  model?: string;
  toolCalls?: { status?: string }[];
  $set?: { messages?: Entry[]; lastUpdated?: string };
  $rewindTo?: string;
}

/** What became of texts of ours in a conversation. */
interface Fate {
  /** In a message that an answer of the model stands behind, or stood when it was compressed. */
  given: Set<string>;
  /** Taken back with its turn, with the time (Unix ms); the same text may come again later. */
  dropped: Map<string, number>;
  /** In the conversation, and no answer behind it yet. */
  open: Set<string>;
}

/**
 * A prompt is written down before the call that carries it. When the call fails or Esc ends it, or
 * a later call of its turn, the program takes the whole turn back, with answers and with what hooks
 * added, and writes down the messages that are left (0.61.0). So the records are played again.
 */
async function fateOf(path: string, needles: readonly string[]): Promise<Fate> {
  const fate: Fate = { given: new Set(), dropped: new Map(), open: new Set() };
  const text = await textOf(path);
  const wanted = needles.filter((needle) => text.includes(needle));
  if (wanted.length === 0) return fate;
  let messages = new Map<string, Entry>();
  for (const line of text.split("\n")) {
    const entry = parse(line);
    const list = entry?.$set?.messages;
    if (list || entry?.$rewindTo !== undefined) {
      const left = list ? byId(list) : before(messages, entry!.$rewindTo!);
      // Those of a compression are new; what is left of a turn stood there before.
      const isCut = list?.every(({ id }) => messages.has(id ?? "")) === true;
      noteChange(fate, wanted, [messages, left], isCut, timeOf(entry!));
      messages = left;
    } else if (entry?.id !== undefined && entry.type !== undefined) messages.set(entry.id, entry);
  }
  const { heard, answered } = standing(messages);
  for (const needle of wanted.filter((one) => heard.includes(one))) {
    fate.dropped.delete(needle);
    if (answered.includes(needle)) fate.given.add(needle);
    else if (!fate.given.has(needle)) fate.open.add(needle);
  }
  return fate;
}

type Messages = Map<string, Entry>;

/** Notes what a change of the conversation took out of it. */
function noteChange(
  { given, dropped }: Fate,
  wanted: readonly string[],
  [old, left]: [Messages, Messages],
  isCut: boolean,
  at: number,
): void {
  const { heard, answered } = standing(old);
  const rest = standing(left).heard;
  for (const needle of wanted.filter((one) => heard.includes(one))) {
    dropped.delete(needle);
    if (rest.includes(needle)) continue;
    if (!isCut && answered.includes(needle)) given.add(needle);
    else if (!given.has(needle)) dropped.set(needle, at);
  }
}

/** What the model is told with the next call, and what it has answered. */
function standing(messages: Messages): { heard: string; answered: string } {
  const all = [...messages.values()];
  const answered = said(all.slice(0, Math.max(0, all.findLastIndex(isAnswer))));
  return { heard: said(all), answered };
}

const byId = (list: readonly Entry[]): Messages => new Map(list.map((m) => [m.id ?? "", m]));

const timeOf = (entry: Entry): number => Date.parse(entry.$set?.lastUpdated ?? "") || 0;

/**
 * An answer that only calls tools is empty until they have ended, and is taken back with what it
 * answers when a person refuses them all. Just before the list of what is left, its messages
 * stand in the file once more, as messages of no model.
 */
const isAnswer = ({ type, model, content, toolCalls = [] }: Entry) =>
  type === "gemini" &&
  model !== undefined &&
  (toolCalls.length > 0 ? toolCalls.some(({ status }) => status !== "cancelled") : content !== "");

/** All but the model's own words. A tool's result is written to its call at once, and here when it is sent. */
const said = (messages: readonly Entry[]) =>
  JSON.stringify(messages.filter(({ type }) => type === "user").map(({ content }) => content));

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return "";
    throw error;
  }
}

function before(messages: Messages, id: string): Messages {
  const ids = [...messages.keys()];
  const kept = ids.slice(0, Math.max(0, ids.indexOf(id)));
  return new Map(kept.map((one) => [one, messages.get(one)!]));
}

/** The last line may be half written. */
function parse(line: string): Entry | undefined {
  try {
    return line === "" ? undefined : JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** It takes a turn back that failed, or that a person broke off. */
export const geminiReader: Reader = {
  undoes: true,
  secrets: fileSecrets,
  has: async (path, needles) => (await fateOf(path, needles)).given,
  holds: async (path, needle) => (await fateOf(path, [needle])).open.has(needle),
  dropped: async (path, needle, { since }) =>
    ((await fateOf(path, [needle])).dropped.get(needle) ?? 0) > since,
  lastWords: async (path) =>
    lastWordsIn(path, ({ type, content }) => (type === "gemini" ? content : "")),
  usage: async (path, memory) => (await import("./gemini-usage.ts")).geminiUsage(path, memory),
};
