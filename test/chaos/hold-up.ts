import { execFileSync } from "node:child_process";
import { isAlive } from "../../src/adapters/alive.ts";
import { pause } from "./wait.ts";

/** Longer than an Enter of ours waits to be seen; SIGUSR2 holds the scripted agent up so long. */
export const HELD_MS = 2_000;
/** What a program starts for a tool or a hook. */
const SHELL = /(^|\/)(ba|da|z)?sh$/;

/**
 * Stops the processes below a program that are the program too: Codex and Gemini CLI are started by
 * another Node. The first process itself cannot be held up, the pane's launcher brings it back.
 */
export async function holdUp(program: number): Promise<void> {
  const rows = execFileSync("ps", ["-axo", "pid=,ppid=,comm="], { encoding: "utf8" })
    .split("\n")
    .map((row) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row)?.slice(1) ?? [])
    .filter(([, , command]) => command !== undefined && !SHELL.test(command.trim()));
  const below = (of: string): string[] =>
    rows.filter(([, parent]) => parent === of).flatMap(([pid]) => [pid!, ...below(pid!)]);
  const pids = below(String(program)).map(Number);
  const tell = (signal: NodeJS.Signals) => {
    for (const pid of pids) if (isAlive(pid)) process.kill(pid, signal);
  };
  tell("SIGSTOP");
  await pause(HELD_MS);
  tell("SIGCONT");
}
