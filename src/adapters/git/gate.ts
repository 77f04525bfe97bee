import { open, rm } from "node:fs/promises";
import { stripVTControlCharacters } from "node:util";
import type { GateRoom } from "../../domain/gate.ts";
import type { GateRun } from "../../ports/repo.ts";
import { runInGroup } from "../process-group.ts";
import { GIT_ENV } from "./command.ts";

const TAIL_BYTES = 4_000;

/**
 * Runs a command of the person's config in a worktree, as a CI job would; without a room with the
 * environment of this process and as long as it likes.
 */
export async function runGate(
  dir: string,
  command: string,
  room: GateRoom | undefined,
  logFile = `${dir}.log`,
): Promise<GateRun> {
  try {
    const env = { ...GIT_ENV, CI: "true" };
    const how = { cwd: dir, only: room?.env, env, logFile, limitMs: room?.limitMs };
    const { code, timedOut } = await runInGroup("sh", ["-c", command], how);
    const output = await tail(logFile);
    if (timedOut) return { ok: false, output, timedOut: true };
    return { ok: code === 0, output: code === 0 || output ? output : `exit code ${code}` };
  } finally {
    await rm(logFile, { force: true });
  }
}

async function tail(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(TAIL_BYTES), 0, TAIL_BYTES, start);
    const text = stripVTControlCharacters(buffer.toString("utf8", 0, bytesRead));
    return (start > 0 ? text.slice(text.indexOf("\n") + 1) : text).trim();
  } finally {
    await file.close();
  }
}
