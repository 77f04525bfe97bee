import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { constants } from "node:os";
import { env as inherited } from "node:process";
import { notStarted } from "./process.ts";

interface GroupOptions {
  cwd: string;
  /** The environment; that of this process without it. */
  only?: Readonly<Record<string, string>> | undefined;
  /** Changes to it; `undefined` takes a variable away. */
  env: Readonly<Record<string, string | undefined>>;
  /** Takes both output streams; made with mode 0600. */
  logFile: string;
  /** Undefined: as long as it likes. */
  limitMs?: number | undefined;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** So long a group has after SIGTERM. */
const GRACE_MS = 5_000;
const LOOK_MS = 50;

/**
 * Runs a program in a process group of its own, so that all of it can be ended: at the limit, or
 * with this process when a person ends that. Resolves once the program itself has ended; what it
 * left in the background goes on. `code` is 128 + n after signal n. Throws `refused` when it
 * cannot be started.
 */
export async function runInGroup(
  file: string,
  args: readonly string[],
  { cwd, only, env, logFile, limitMs }: GroupOptions,
): Promise<{ code: number; timedOut: boolean }> {
  const log = openSync(logFile, "a", 0o600);
  const stop = new AbortController();
  try {
    const child = spawn(file, args, {
      cwd,
      env: { ...(only ?? inherited), ...env },
      detached: true,
      stdio: ["ignore", log, log],
    });
    const end = once(child, "exit").catch((cause) => {
      throw notStarted(file, cwd, cause);
    });
    const group = child.pid;
    const late = group === undefined ? undefined : endLate(group, limitMs, stop.signal);
    const unheard = group === undefined ? undefined : endTogether(group);
    try {
      const [code, signal] = await end;
      stop.abort();
      const timedOut = (await late) ?? false;
      return { code: code ?? 128 + constants.signals[signal as NodeJS.Signals], timedOut };
    } finally {
      unheard?.();
    }
  } finally {
    stop.abort();
    closeSync(log);
  }
}

/** Ends the group at its limit. Resolves to whether it had to, once that is done. */
async function endLate(
  group: number,
  limitMs: number | undefined,
  ended: AbortSignal,
): Promise<boolean> {
  if (limitMs === undefined || !(await passes(limitMs, ended))) return false;
  signal(group, "SIGTERM");
  for (let left = GRACE_MS; left > 0 && signal(group, 0); left -= LOOK_MS) await passes(LOOK_MS);
  signal(group, "SIGKILL");
  return true;
}

/** Whether the time went by before the end. */
function passes(ms: number, ended?: AbortSignal): Promise<boolean> {
  return new Promise((done) => {
    const timer = setTimeout(() => done(true), ms);
    ended?.addEventListener("abort", () => {
      clearTimeout(timer);
      done(false);
    });
  });
}

/** A terminal tells its own group only. Returns how to stop listening. */
function endTogether(group: number): () => void {
  const listeners = SIGNALS.map((name) => {
    const pass = () => {
      signal(group, name);
      silence();
      process.kill(process.pid, name);
    };
    process.on(name, pass);
    return () => process.off(name, pass);
  });
  const silence = () => {
    for (const off of listeners) off();
  };
  return silence;
}

/** Whether there is still somebody in the group. */
function signal(group: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, name);
  } catch {
    return false;
  }
}
