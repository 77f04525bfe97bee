import { AppError, type ErrorKind } from "../domain/errors.ts";

/** The one table from what went wrong to the exit code. */
export const EXIT: Record<ErrorKind, number> = {
  refused: 1,
  rate_limited: 1,
  newer_database: 1,
  usage: 2,
  not_found: 3,
  held: 4,
  timeout: 5,
};

export interface Output {
  json: boolean;
  /** Prints the result: one JSON object with `--json`, else the text for a person. */
  done(command: string, data: object, text: string): Promise<void>;
  /** For a person, on stderr; says nothing on stdout. */
  warn(text: string): void;
  fail(command: string, error: unknown): Promise<number>;
}

/** Resolves when the bytes are out of this process; rejects when the reader has gone. */
export function flush(stream: NodeJS.WritableStream, text: string): Promise<void> {
  return new Promise((done, failed) => {
    stream.write(text, (error) => (error ? failed(error) : done()));
  });
}

export function output(json: boolean): Output {
  const line = (text: string) => (text === "" || text.endsWith("\n") ? text : `${text}\n`);
  return {
    json,
    done: (command, data, text) =>
      flush(
        process.stdout,
        json ? `${JSON.stringify({ success: true, command, ...data })}\n` : line(text),
      ),
    warn: (text) => void process.stderr.write(line(text)),
    async fail(command, error) {
      const known = error instanceof AppError ? error : undefined;
      const message = error instanceof Error ? error.message : String(error);
      const code = known?.kind ?? "bug";
      if (json) {
        const body = { message, code, ...(known?.hint ? { hint: known.hint } : {}) };
        await flush(
          process.stdout,
          `${JSON.stringify({ success: false, command, error: body })}\n`,
        );
      } else {
        process.stderr.write(`ov: ${message}\n${known?.hint ? `    ${known.hint}\n` : ""}`);
      }
      if (!known && error instanceof Error) process.stderr.write(`${error.stack}\n`);
      return known ? EXIT[known.kind] : 1;
    },
  };
}
