import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BELL_SCRIPT, bell } from "../../src/adapters/runtimes/bell.ts";
import type { Session } from "../../src/domain/agent.ts";
import { pause } from "../team-room.ts";

const READY_MS = 2_000;
const SAID = "You have mail\nof two lines";

/** What is done to a waiter; each but the last must not make it say anything. */
export const ACTS = ["no folder", "odd word", "no such ring", "nothing", "rung"] as const;
export type Act = (typeof ACTS)[number];

async function until(test: () => boolean): Promise<boolean> {
  for (const end = Date.now() + READY_MS; Date.now() < end; await pause(10))
    if (test()) return true;
  return test();
}

/**
 * Lets a real waiter wait in a folder of its own and does that to it. Returns what is wrong: it
 * ended with 2 and was not rung, or was rung and did not say its text. Where its environment lets
 * it not wait at all, it may end with 0 and say nothing.
 */
export async function playWaiter(
  base: string,
  n: number,
  act: Act,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const script = join(base, "bell.sh");
  const dir = join(base, `waiter-${n}`);
  writeFileSync(script, BELL_SCRIPT);
  if (act !== "no folder") mkdirSync(dir);
  const child = spawn("/bin/sh", [script, dir], { env, cwd: base });
  let said = "";
  child.stderr.on("data", (chunk) => (said += chunk));
  child.stdout.on("data", (chunk) => (said += chunk));
  const closed = new Promise<number | null>((done) => child.on("close", done));
  const waits = () => existsSync(join(dir, "waiter")) && existsSync(join(dir, "bell"));
  const isOver = () => child.exitCode !== null;
  await until(() => waits() || isOver());
  if (!isOver()) await disturb(dir, act);
  const isRung = act === "rung" && !isOver();
  const code = await endOf(child, closed, isRung);
  if (isRung && code === 2 && said === SAID) return undefined;
  // Killed by us, or it had nothing to wait for.
  if (!isRung && (code === null || code === 0) && said === "") return undefined;
  return `a waiter, ${act}: exit code ${code}, it said ${JSON.stringify(said)}`;
}

async function disturb(dir: string, act: Act): Promise<void> {
  const session = { dir } as Session;
  const { leave, call } = bell();
  if (act === "rung") {
    // Its pipe is opened a moment after its pid is written.
    await until(() => call(session, leave(session, SAID)));
  } else if (act === "odd word") call(session, "../../etc");
  else if (act === "no such ring") call(session, "ring-0");
}

/** Who is not rung waits for ever: it is ended after a while in which it could have said something. */
async function endOf(
  child: ChildProcess,
  closed: Promise<number | null>,
  isRung: boolean,
): Promise<number | null> {
  const timer = setTimeout(() => child.kill("SIGKILL"), isRung ? READY_MS : 100);
  try {
    return await closed;
  } finally {
    clearTimeout(timer);
  }
}
