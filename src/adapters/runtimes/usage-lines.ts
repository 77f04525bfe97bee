import { type FileHandle, open } from "node:fs/promises";
import type { Call } from "../../domain/usage.ts";
import type { Usage } from "../../ports/usage.ts";
import { isMissing } from "../files.ts";

export type Line = Record<string, unknown>;

/** Takes the lines of one file in their order, and knows the calls that they tell of. */
export interface Fold {
  /** A later line about the same call replaces the earlier one. */
  readonly calls: ReadonlyMap<string, Call>;
  take(line: Line): void;
}

export interface FoldKind {
  /** Only lines with one of these words are parsed: most of a transcript is no usage. */
  marks: readonly Buffer[];
  begin(): Fold;
}

interface Progress {
  fold: Fold;
  /** Behind the last whole line that was taken. */
  offset: number;
  file: number;
  broken: number;
}

/** What was read of each file, so that the next look reads only what is new. */
export type Memory = Map<string, Progress>;

const CHUNK = 1 << 20;
/** No program writes such a line; one that is longer is not kept in memory. */
const LONGEST = 16 << 20;
const [NEWLINE, OPEN, CLOSE, RETURN] = [10, 123, 125, 13];

/** Takes what has come to a JSON-lines file; undefined when there is no such file. */
export async function readOn(
  path: string,
  memory: Memory,
  kind: FoldKind,
): Promise<Progress | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    const { size, ino } = await handle.stat();
    const before = memory.get(path);
    const isSame = before?.file === ino && before.offset <= size;
    const now = isSame ? before : { fold: kind.begin(), offset: 0, file: ino, broken: 0 };
    memory.set(path, now);
    await takeLines(handle, now, kind.marks);
    return now;
  } finally {
    await handle.close();
  }
}

async function takeLines(handle: FileHandle, now: Progress, marks: readonly Buffer[]) {
  const chunk = Buffer.alloc(CHUNK);
  let rest: Buffer = Buffer.alloc(0);
  let isTooLong = false;
  for (let at = now.offset; ; ) {
    const { bytesRead } = await handle.read(chunk, 0, CHUNK, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    const text = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    let from = 0;
    for (let end = text.indexOf(NEWLINE); end >= 0; end = text.indexOf(NEWLINE, from)) {
      if (isTooLong || !takeLine(text.subarray(from, end), now.fold, marks)) now.broken++;
      isTooLong = false;
      from = end + 1;
    }
    rest = text.subarray(from);
    if (from > 0) now.offset = at - rest.length;
    if (rest.length > LONGEST) isTooLong = true;
    if (isTooLong) rest = Buffer.alloc(0);
  }
}

/** False for a line that is no JSON. What cannot be usage is looked at by its ends only. */
function takeLine(line: Buffer, fold: Fold, marks: readonly Buffer[]): boolean {
  const end = line.at(-1) === RETURN ? line.length - 1 : line.length;
  if (end === 0) return true;
  if (line[0] !== OPEN || line[end - 1] !== CLOSE) return false;
  if (!marks.some((mark) => line.includes(mark))) return true;
  try {
    fold.take(JSON.parse(line.toString("utf8")) as Line);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** What a transcript and those beside it hold; undefined when the first one is not there. */
export function usageOf(files: readonly (Progress | undefined)[]): Usage | undefined {
  if (files[0] === undefined) return undefined;
  const read = files.filter((file) => file !== undefined);
  return {
    calls: read.flatMap(({ fold }) => [...fold.calls.values()]),
    broken: read.reduce((sum, { broken }) => sum + broken, 0),
  };
}

/** A figure of a transcript; what is missing or no number is 0. */
export const count = (value: unknown): number =>
  typeof value === "number" && value > 0 ? value : 0;

export const timeOf = (value: unknown): number => Date.parse(String(value)) || 0;
