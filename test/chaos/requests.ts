import { closeSync, openSync, readSync, statSync } from "node:fs";

/** One block that a model was given, and when (Unix ms). */
export interface Given {
  at: number;
  text: string;
  source: string;
  /** Of which session, counted from 0. */
  log: number;
  /** The program was killed before it could write an answer down, so it may be given once more. */
  isCut?: boolean;
}

interface Source {
  path: string;
  read: number;
  rest: string;
}

/** The request logs of all sessions of an agent, read on from where they were read to. */
export class RequestLog {
  #sources: Source[] = [];
  #given: Given[] = [];

  add(path: string): void {
    this.#sources.push({ path, read: 0, rest: "" });
  }

  read(): Given[] {
    this.#sources.forEach((source, log) => {
      this.#given.push(...more(source).map((given) => ({ ...given, log })));
    });
    return this.#given;
  }

  forget(): void {
    this.read();
    this.#given = [];
    this.#sources = this.#sources.slice(-1);
  }
}

function more(source: Source): Omit<Given, "log">[] {
  const size = statSync(source.path, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= source.read) return [];
  const bytes = Buffer.alloc(size - source.read);
  const fd = openSync(source.path, "r");
  try {
    source.read += readSync(fd, bytes, 0, bytes.length, source.read);
  } finally {
    closeSync(fd);
  }
  const lines = (source.rest + bytes.toString("latin1")).split("\n");
  source.rest = lines.pop() ?? "";
  return lines.flatMap((line) => {
    const request = JSON.parse(Buffer.from(line, "latin1").toString("utf8"));
    return request.new.map((part: { text: string; source: string }) => ({
      at: request.at,
      text: part.text,
      source: part.source,
    }));
  });
}
