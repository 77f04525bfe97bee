import { readFileSync } from "node:fs";
import type { Foreground } from "../ports/launcher.ts";
import { run } from "./process.ts";

/** `ps` in the words that Linux and macOS share; its columns are numbers, and the rest is a line. */
export const foreground: Foreground = async (tty) => {
  const ask = ["-ww", "-t", tty, "-o", "pid=,pgid=,tpgid=,args="];
  const { stdout } = await run("ps", ask, { env: { LC_ALL: "C" }, okCodes: [0, 1] });
  const rows = stdout.split("\n").flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(-?\d+)\s+(.*)$/.exec(line);
    return match
      ? [{ pid: Number(match[1]), group: match[2], front: match[3], args: match[4]! }]
      : [];
  });
  const first = (pid: number, group = "") => (String(pid) === group ? 0 : 1);
  return rows
    .filter(({ group, front }) => group === front)
    .sort((a, b) => first(a.pid, a.group) - first(b.pid, b.group))
    .map(({ pid, args }) => ({ pid, argv: argvOf(pid) ?? args.split(" ") }));
};

/** Exact where the kernel tells it: words with spaces stay one. Linux only. */
function argvOf(pid: number): string[] | undefined {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").replace(/\0+$/, "");
    return words === "" ? undefined : words.split("\0");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
}
