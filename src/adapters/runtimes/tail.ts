import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { isMissing } from "../files.ts";

const TAIL_BYTES = 128 * 1024;

export interface Tail {
  /** The last whole lines that are JSON objects, oldest first. */
  lines: Record<string, unknown>[];
  /** When the file last grew (Unix ms). */
  at: number;
}

/** The end of a JSON-lines file; undefined when there is no such file. A cut line is left out. */
export function readTail(path: string): Tail | undefined {
  const fd = openIfThere(path);
  if (fd === undefined) return undefined;
  try {
    const { size, mtimeMs } = fstatSync(fd);
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(fd, buffer, 0, buffer.length, size - buffer.length);
    const texts = buffer.toString("utf8").split("\n");
    if (size > buffer.length) texts.shift();
    return { lines: texts.flatMap(parse), at: mtimeMs };
  } finally {
    closeSync(fd);
  }
}

function parse(text: string): Record<string, unknown>[] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? [value as Record<string, unknown>] : [];
  } catch {
    return []; // The line that is being written, or the empty one behind the last.
  }
}

/** The newest line's words, by what a program calls its own words; "" where none are near the end. */
export function lastWordsIn(
  path: string,
  wordsOf: (line: Record<string, unknown>) => unknown,
): string {
  for (const line of (readTail(path)?.lines ?? []).toReversed()) {
    const words = textOf(wordsOf(line)).trim();
    if (words !== "") return words;
  }
  return "";
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  const texts = content.map(({ text }: { text?: unknown }) =>
    typeof text === "string" ? text : "",
  );
  return texts.filter(Boolean).join("\n");
}

/** The beginning of a file; undefined when there is no such file. */
export function readHead(path: string, bytes: number): string | undefined {
  const fd = openIfThere(path);
  if (fd === undefined) return undefined;
  try {
    const buffer = Buffer.alloc(bytes);
    return buffer.toString("utf8", 0, readSync(fd, buffer, 0, bytes, 0));
  } finally {
    closeSync(fd);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
