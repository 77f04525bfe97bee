import {
  accessSync,
  appendFileSync,
  constants,
  readFileSync,
  statfsSync,
  statSync,
  truncateSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { AppError } from "../domain/errors.ts";
import { lockersOf } from "./lockers.ts";

type Trouble = "disk_full" | "read_only" | "permission" | "disk_failed" | "exhausted" | "damaged";

/** By the code of a system call or of SQLite (its extended codes begin with the plain one). */
const CODES: [RegExp, Trouble | "ask_disk"][] = [
  [/^(ENOSPC|EDQUOT|SQLITE_FULL)$/, "disk_full"],
  [/^EROFS$/, "read_only"],
  [/^(EACCES|EPERM)$/, "permission"],
  [/^(EMFILE|ENFILE|ENOMEM|EAGAIN|SQLITE_NOMEM)$/, "exhausted"],
  [/^(SQLITE_CORRUPT|SQLITE_NOTADB)/, "damaged"],
  [/^(EIO|EFBIG|SQLITE_IOERR|SQLITE_CANTOPEN|SQLITE_READONLY)/, "ask_disk"],
];

const EXHAUSTED: Record<string, [what: string, hint: string]> = {
  EMFILE: ["this process has no file descriptor left", "raise the limit: ulimit -n 4096"],
  ENFILE: ["this machine has no file descriptor left", "end programs that hold many: lsof"],
  EAGAIN: ["no more process can be started", "raise the limit: ulimit -u, or end some"],
};
const NO_MEMORY = ["there is no memory left", "end some programs: free -h"] as const;

/** SQLite writes by pages of 4 KiB, and its shared memory is 32 KiB. */
const FULL_BYTES = 64 * 1024;

/**
 * What the system refused, in one line for a person: the error of a system call or of SQLite.
 * `home` is the project's folder, or the current one. Undefined: a fault of ours.
 */
export function troubleOf(error: unknown, home: string): AppError | undefined {
  const { code = "", path } = error as NodeJS.ErrnoException;
  const kind = CODES.find(([form]) => form.test(String(code)))?.[1];
  const cause = { cause: error };
  const at = path ?? home;
  if (code === "SQLITE_BUSY" || code === "SQLITE_LOCKED") {
    return locked(home, error);
  }
  if (code === "ENAMETOOLONG") {
    return new AppError("refused", `a path is too long for this file system: ${at}`, "", cause);
  }
  if (code === "ENOENT" && (error as NodeJS.ErrnoException).syscall === "uv_cwd") {
    return new AppError("not_found", "the current folder is gone", "cd to another one", cause);
  }
  // Node 24 says ENOENT for a folder that a read-only disk does not take.
  const found = kind === undefined && path !== undefined ? askDisk(path) : undefined;
  if (found) return ofDisk(found, at, error);
  if (kind === undefined) return undefined;
  if (kind === "exhausted") {
    const [what, hint] = EXHAUSTED[String(code)] ?? NO_MEMORY;
    return new AppError("exhausted", what, hint, cause);
  }
  if (kind === "damaged") {
    const message = `the store is damaged: ${(error as Error).message}`;
    return new AppError("damaged", message, "what can be done: ov doctor", cause);
  }
  return ofDisk(kind === "ask_disk" ? askDisk(home) : kind, at, error);
}

function locked(home: string, cause: unknown): AppError {
  const [who] = lockersOf(join(home, "overture.db"));
  const name = who ? `process ${who.pid} (${who.name})` : "another process";
  const look = who ? `ps -fp ${who.pid}` : "lsof .overture/overture.db";
  const message = `${name} keeps the store locked`;
  return new AppError("refused", message, `try again; who it is: ${look}`, { cause });
}

/** Whether this process may not write files of any size; only Linux tells. */
function isLimited(): boolean {
  try {
    return /^Max file size +\d/m.test(readFileSync("/proc/self/limits", "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code) return false;
    throw error;
  }
}

/** Why a file at this place cannot be written, by a look at the disk; undefined: it can. */
function askDisk(place: string): Trouble | undefined {
  const folder = nearest(place);
  try {
    const { bavail, bsize } = statfsSync(folder);
    accessSync(folder, constants.W_OK);
    return bavail * bsize < FULL_BYTES ? "disk_full" : undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EROFS" ? "read_only" : "permission";
  }
}

function ofDisk(kind: Trouble | undefined, place: string, cause: unknown): AppError {
  const disk = mountOf(place);
  if (kind === "disk_full") {
    const isQuota = (cause as NodeJS.ErrnoException).code === "EDQUOT";
    const message = `${isQuota ? "your quota is used up" : "no space is left"} on the disk at ${disk}`;
    return new AppError(kind, message, `make room there (df -h ${disk}), then try again`, {
      cause,
    });
  }
  if (kind === "read_only") {
    const message = `the disk at ${disk} is mounted read-only`;
    return new AppError(kind, message, `mount -o remount,rw ${disk}`, { cause });
  }
  if (kind === "permission") return denied(place, cause);
  if (isLimited()) {
    const message = "a file would grow beyond the limit of this process";
    return new AppError("disk_full", message, "raise the limit: ulimit -f unlimited", { cause });
  }
  const { message } = cause as Error;
  const code = String((cause as NodeJS.ErrnoException).code);
  const words = `the disk at ${disk} failed: ${message} (${code})`;
  return new AppError("disk_failed", words, "ov doctor", { cause });
}

/** A person may not use this path; names whose it is. */
export function denied(path: string, cause?: unknown): AppError {
  const { uid, mode } = statSync(nearest(path));
  const whose = `belongs to ${nameOf(uid)}, mode ${(mode & 0o777).toString(8)}`;
  const you = nameOf(process.getuid?.() ?? -1);
  return new AppError(
    "permission",
    `permission denied: ${nearest(path)} ${whose}; you are ${you}`,
    `run ov as that user, or have it given to you: chown -R ${you} ${nearest(path)}`,
    { cause },
  );
}

function nameOf(uid: number): string {
  if (uid === process.getuid?.()) {
    try {
      return userInfo().username;
    } catch (error) {
      // A container's user may have no entry.
      if ((error as NodeJS.ErrnoException).code !== "ERR_SYSTEM_ERROR") throw error;
    }
  }
  try {
    const rows = readFileSync("/etc/passwd", "utf8").split("\n");
    const row = rows.find((line) => line.split(":")[2] === String(uid));
    if (row) return row.split(":")[0]!;
  } catch (error) {
    if (!(error as NodeJS.ErrnoException).code) throw error;
  }
  return `user ${uid}`;
}

/** The path, or the nearest folder above it that can be looked at. */
function nearest(path: string): string {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    try {
      if (statSync(at, { throwIfNoEntry: false })) return at;
    } catch (error) {
      if (!(error as NodeJS.ErrnoException).code) throw error;
    }
  }
  return "/";
}

/** Where the file system of this path is mounted. */
function mountOf(path: string): string {
  let at = nearest(path);
  if (!statSync(at).isDirectory()) at = dirname(at);
  for (const { dev } = statSync(at); at !== "/" && statSync(dirname(at)).dev === dev; )
    at = dirname(at);
  return at;
}

const LOG_MAX = 1_000_000;

/**
 * Any error as what is said to a person: a line, and what to type. Where it is a fault of ours, its
 * stack is kept in the project.
 */
export function explainError(error: unknown, command: string, home: string | undefined): AppError {
  const known = troubleOf(error, home ?? tmpdir());
  if (known) return known;
  const message = error instanceof Error ? error.message : String(error);
  const [line = ""] = message.split("\n");
  const hint = home && keep(join(home, "errors.log"), command, error);
  return new AppError("bug", line || "unknown error", hint, { cause: error });
}

function keep(log: string, command: string, error: unknown): string | undefined {
  const stack = error instanceof Error ? error.stack : String(error);
  try {
    if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > LOG_MAX) truncateSync(log);
    const text = `${new Date().toISOString()} ov ${command} (process ${process.pid})\n${stack}\n`;
    appendFileSync(log, text, { mode: 0o600 });
    return `a fault of Overture; its details are in ${log}`;
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code) return undefined;
    throw failure;
  }
}
