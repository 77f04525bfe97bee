import { existsSync, readlinkSync, realpathSync } from "node:fs";
import { platform } from "node:process";
import { kinOf } from "./alive.ts";
import { listIfThere } from "./files.ts";
import { run } from "./process.ts";

/** Processes that stand in this folder or below it, but for this one; Linux only, else none. */
export function processesIn(folder: string): number[] {
  const here = folders().filter(([, cwd]) => isWithin(cwd, folder));
  return here.map(([pid]) => pid);
}

/** In words: the processes, of whatever kind, that stand in this folder or below it. */
export async function workersIn(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const path = realpathSync(folder);
  const all = platform === "linux" ? folders() : await listed();
  return all
    .filter(([pid, cwd]) => pid !== process.pid && isWithin(cwd, path))
    .map(([pid]) => `process ${pid} (${kinOf(pid).name || "unknown"})`);
}

const isWithin = (cwd: string, folder: string) => cwd === folder || cwd.startsWith(`${folder}/`);

function folders(): [pid: number, cwd: string][] {
  return listIfThere("/proc").flatMap((name): [number, string][] => {
    const cwd = /^\d+$/.test(name) ? folderOf(name) : undefined;
    return cwd === undefined ? [] : [[Number(name), cwd]];
  });
}

/** Undefined for a process that has ended, or is another user's. */
function folderOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "EACCES" || code === "ESRCH") return undefined;
    throw error;
  }
}

/** macOS has no /proc, and comes with lsof: a line `p<pid>`, then a line `n<folder>`. */
async function listed(): Promise<[pid: number, cwd: string][]> {
  const { stdout } = await run("lsof", ["-w", "-d", "cwd", "-Fpn"], { okCodes: "any" });
  let pid = 0;
  return stdout.split("\n").flatMap((line): [number, string][] => {
    if (line.startsWith("p")) pid = Number(line.slice(1));
    return line.startsWith("n") ? [[pid, line.slice(1)]] : [];
  });
}
