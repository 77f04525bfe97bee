import { type ChildProcess, spawn } from "node:child_process";
import { OV, type Result, type TeamRoom } from "../team-room.ts";

export interface Running {
  child: ChildProcess;
  /** What it has printed so far. */
  said: Result;
  ended: Promise<Result>;
}

/**
 * Runs a shell script in namespaces of its own, where this user is root: what it mounts, and the
 * limits that it sets, are nobody else's. `$OV` is our program.
 */
export function unshare(
  { root, env }: Pick<TeamRoom, "root" | "env">,
  script: string,
  words: readonly string[] = [],
): Running {
  const flags = ["--user", "--map-root-user", "--mount"];
  const child = spawn("unshare", [...flags, "sh", "-c", script, "sh", ...words], {
    cwd: root,
    env: { ...env, OV },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { code: -1, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    said.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    said.stderr += text;
  });
  const ended = new Promise<Result>((done, failed) => {
    child.once("error", failed);
    child.once("close", (code) => done(Object.assign(said, { code: code ?? 1 })));
  });
  return { child, said, ended };
}

/** A line of a stack trace. */
export const TRACE = /^\s+at /m;
