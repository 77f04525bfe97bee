import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, createWriteStream, existsSync, openSync, type WriteStream } from "node:fs";
import { constants } from "node:os";
import { env as inherited } from "node:process";
import { AppError } from "../domain/errors.ts";

export interface RunOptions {
  cwd?: string;
  /** Changes to the inherited environment; `undefined` takes a variable away. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Names that are inherited; all others are not. Default: all are. */
  inherit?: RegExp;
  /** Standard input; without it the child reads end of file, never the person's terminal. */
  input?: string;
  timeoutMs?: number;
  /** Exit codes that are an answer and no failure. Default: 0. */
  okCodes?: readonly number[] | "any";
  /**
   * A file that takes both output streams instead of memory. The run then ends with the process,
   * even when a program that it left in the background keeps its output open.
   */
  logFile?: string;
}

export interface RunResult {
  /** The exit code; 128 + n after signal n, as a shell says it. */
  code: number;
  stdout: string;
  stderr: string;
}

/** So long after it was killed, nobody waits for what another process may still write. */
const LATE_MS = 300;
/** As long as a timer can be set. */
const MAX_MS = 2 ** 31 - 1 - LATE_MS;

/**
 * Runs a program to its end. Throws AppError: `refused` with the last lines that it wrote for
 * an exit code that is not in `okCodes` or a program that is not installed, `timeout` when it
 * had to be killed.
 */
export async function run(
  file: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  // Loading it costs about 25 ms, which a verb that runs nothing must not pay.
  const { execa } = await import("execa");
  const log = options.logFile === undefined ? undefined : await openLog(options.logFile);
  try {
    const child = execa(file, args, {
      cwd: options.cwd,
      ...environment(options),
      ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
      stdout: log ?? "pipe",
      stderr: log ?? "pipe",
      timeout: options.timeoutMs,
      stripFinalNewline: false,
      reject: false,
    });
    // tmux gives its output to its server: a server that is stopped keeps it open.
    const late = setTimeout(
      () => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      },
      (options.timeoutMs ?? MAX_MS) + LATE_MS,
    );
    const result = await child.finally(() => clearTimeout(late));
    if (result.timedOut) throw timedOut(file, args, options.timeoutMs ?? 0);
    if (result.exitCode === undefined && result.signal === undefined) {
      throw notStarted(file, options.cwd, result.cause);
    }
    const code = result.exitCode ?? 128 + (result.signal ? constants.signals[result.signal] : 0);
    const answer = { code, stdout: result.stdout ?? "", stderr: result.stderr ?? "" };
    const ok = options.okCodes ?? [0];
    if (ok !== "any" && !ok.includes(code)) throw failed(file, args, answer);
    return answer;
  } finally {
    log?.destroy();
  }
}

function environment({ env, inherit }: RunOptions) {
  if (inherit === undefined) return { env };
  const kept = Object.entries(inherited).filter(([name]) => inherit.test(name));
  return { env: { ...Object.fromEntries(kept), ...env }, extendEnv: false };
}

/** A child can write straight into a stream that has its file open. */
async function openLog(path: string): Promise<WriteStream> {
  const log = createWriteStream(path, { flags: "a", mode: 0o600 });
  await once(log, "open");
  return log;
}

/** Starts a program that outlives this one, without a terminal. Returns its process id. */
export async function spawnDetached(
  file: string,
  args: readonly string[],
  options: {
    cwd?: string;
    env?: Readonly<Record<string, string | undefined>>;
    logFile?: string;
  } = {},
): Promise<number> {
  const log = options.logFile === undefined ? "ignore" : openSync(options.logFile, "a", 0o600);
  try {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: { ...inherited, ...options.env },
      detached: true,
      stdio: ["ignore", log, log],
    });
    await once(child, "spawn").catch((cause) => {
      throw notStarted(file, options.cwd, cause);
    });
    child.unref();
    return child.pid!;
  } finally {
    if (typeof log === "number") closeSync(log);
  }
}

function failed(file: string, args: readonly string[], answer: RunResult): AppError {
  const said = lastLines(answer.stderr) || lastLines(answer.stdout) || `exit code ${answer.code}`;
  return new AppError("refused", `${file}: ${said}`, undefined, {
    cause: new Error(`exit code ${answer.code} of: ${[file, ...args].join(" ")}`),
  });
}

function timedOut(file: string, args: readonly string[], ms: number): AppError {
  return new AppError("timeout", `${file} did not end within ${ms} ms`, undefined, {
    cause: new Error(`killed: ${[file, ...args].join(" ")}`),
  });
}

/** ENOENT means the program or the folder: the system says the same for both. */
export function notStarted(file: string, cwd: string | undefined, cause: unknown): AppError {
  if (cwd !== undefined && !existsSync(cwd)) {
    return new AppError("refused", `cannot run ${file}: no folder ${cwd}`, undefined, { cause });
  }
  const missing = hasCode(cause, "ENOENT");
  return new AppError(
    "refused",
    missing ? `${file} is not installed` : `cannot run ${file}: ${String(cause)}`,
    missing ? `install ${file}, or put its folder on PATH` : undefined,
    { cause },
  );
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-12).join("\n");
}
