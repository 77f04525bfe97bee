import { type ChildProcess, spawn } from "node:child_process";

export interface ShellResult {
  /** Null when it was killed. */
  code: number | null;
  stdout: string;
  stderr: string;
  timedOut: boolean;
}

export interface ShellOptions {
  input?: string;
  timeoutMs?: number;
  signal?: AbortSignal;
}

const OUTPUT_LIMIT = 1_000_000;
/** A program left in the background may hold the pipes open for ever. */
const DRAIN_MS = 200;
const CANNOT_RUN = 127;

/** Runs commands by `sh -c`, each in a process group of its own so that it can be ended whole. */
export class Shell {
  #cwd: string;
  #env: Record<string, string | undefined>;
  #running = new Set<ChildProcess>();

  constructor(cwd: string, env: Record<string, string | undefined>) {
    this.#cwd = cwd;
    this.#env = env;
  }

  run(command: string, options: ShellOptions = {}): Promise<ShellResult> {
    const child = spawn("sh", ["-c", command], {
      cwd: this.#cwd,
      env: this.#env,
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    this.#running.add(child);
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        if (output[name].length < OUTPUT_LIMIT) output[name] += text;
      });
    }
    child.stdin.on("error", (error: NodeJS.ErrnoException) => {
      // A command that never reads its input ends before we have written it.
      if (error.code !== "EPIPE" && error.code !== "ECONNRESET") throw error;
    });
    child.stdin.end(options.input ?? "");

    let timedOut = false;
    const abort = () => kill(child);
    options.signal?.addEventListener("abort", abort, { once: true });
    if (options.signal?.aborted) abort();
    const timer =
      options.timeoutMs !== undefined
        ? setTimeout(() => {
            timedOut = true;
            kill(child);
          }, options.timeoutMs)
        : undefined;

    return new Promise((resolve) => {
      const finish = (code: number | null) => {
        clearTimeout(timer);
        options.signal?.removeEventListener("abort", abort);
        this.#running.delete(child);
        child.stdout.destroy();
        child.stderr.destroy();
        resolve({ code, ...output, timedOut });
      };
      child.once("error", (error) => {
        // No program, or no folder to run it in: a result like any other.
        output.stderr += error.message;
        finish(CANNOT_RUN);
      });
      child.once("close", finish);
      child.once("exit", (code) => setTimeout(finish, DRAIN_MS, code));
    });
  }

  killAll(): void {
    for (const child of this.#running) kill(child);
  }
}

function kill(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    // Already gone.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
