import { writeSync } from "node:fs";
import { AppError, type ErrorKind } from "../domain/errors.ts";
import { forTerminal, jsonForTerminal } from "../domain/text.ts";

/** The one table from what went wrong to the exit code. */
export const EXIT: Record<ErrorKind, number> = {
  refused: 1,
  rate_limited: 1,
  newer_database: 1,
  disk_full: 1,
  read_only: 1,
  permission: 1,
  disk_failed: 1,
  exhausted: 1,
  damaged: 1,
  bug: 1,
  // EX_USAGE of sysexits.h: a hook that ends with 2 blocks its agent.
  usage: 64,
  not_found: 3,
  held: 4,
  timeout: 5,
};

export interface Output {
  readonly json: boolean;
  /**
   * Prints the result: one JSON object with `--json`, else the text for a person. With a failure
   * the same is printed as what is true so far, and the exit code is the failure's.
   */
  done(command: string, data: object, text: string, failure?: AppError): Promise<void>;
  /** For a person, on stderr; says nothing on stdout. */
  warn(text: string): void;
  /** Rings the bell of the terminal on stderr. */
  bell(): void;
  /** What a long wait waits for, on stderr; nothing with `--json` or `--quiet`. */
  note(text: string): void;
  fail(command: string, error: unknown): Promise<number>;
  /** Any error as one for a person. */
  explain: Explain;
}

/**
 * Resolves when the bytes are out of this process; rejects when the reader has gone. Goes past
 * process.stdout, which costs 2 ms to make, unless a slow reader has filled a non-blocking pipe.
 */
export async function print(text: string): Promise<void> {
  let left = Buffer.from(text);
  try {
    while (left.length > 0) left = left.subarray(writeSync(1, left));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    await new Promise<void>((done, failed) => {
      process.stdout.once("error", failed);
      process.stdout.write(left, (problem) => (problem ? failed(problem) : done()));
    });
  }
}

const errorJson = ({ message, kind, hint }: AppError) => ({
  message,
  code: kind,
  ...(hint ? { hint } : {}),
});

/** Makes any error an answer for a person, and keeps what only a developer needs elsewhere. */
export type Explain = (error: unknown, command: string) => Promise<AppError>;

/** `confirm` throws where what was done turns out to be lost. */
export function output(
  globals: { json: boolean; quiet: boolean },
  explainOther: Explain,
  confirm: () => void,
): Output {
  const explain: Explain = async (error, command) =>
    error instanceof AppError ? error : explainOther(error, command);
  const complain = ({ message, hint }: { message: string; hint?: string }) =>
    void process.stderr.write(forTerminal(`ov: ${message}\n${hint ? `    ${hint}\n` : ""}`));
  const line = (text: string) =>
    forTerminal(text === "" || text.endsWith("\n") ? text : `${text}\n`);
  return {
    get json() {
      return globals.json;
    },
    explain,
    async done(command, data, text, failure) {
      if (!failure) confirm();
      const head = failure
        ? { success: false, command, error: errorJson(failure) }
        : { success: true, command };
      const isSilent = globals.quiet && !failure && !globals.json;
      if (!isSilent) {
        await print(globals.json ? `${jsonForTerminal({ ...head, ...data })}\n` : line(text));
      }
      if (failure && !globals.json && text === "") complain(errorJson(failure));
      if (failure) process.exitCode = EXIT[failure.kind];
    },
    warn: (text) => void process.stderr.write(line(text)),
    bell: () => void process.stderr.write("\u0007"),
    note(text) {
      if (!globals.json && !globals.quiet) process.stderr.write(line(text));
    },
    async fail(command, error) {
      // The reader has gone, as with `| head`: nobody is left to tell.
      if ((error as NodeJS.ErrnoException)?.code === "EPIPE") return 1;
      const known = await explain(error, command);
      const told = errorJson(known);
      if (globals.json) {
        await print(`${jsonForTerminal({ success: false, command, error: told })}\n`);
      } else {
        complain(told);
      }
      return EXIT[known.kind];
    },
  };
}
