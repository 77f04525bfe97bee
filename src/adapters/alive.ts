import { readFileSync, readlinkSync } from "node:fs";
import { readIfThere } from "./files.ts";

/**
 * Whether a process runs, also one of another user. One that has ended and was not yet collected
 * by its parent (a zombie) does not: some containers' first process collects late or never.
 */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return statOf(pid)?.[0] !== "Z";
}

/**
 * When a process started, in words that no later process of the same number has; undefined when
 * there is none. Linux counts clock ticks since its boot, elsewhere `ps` knows the second.
 */
export function startOf(pid: number): string | undefined {
  const ticks = statOf(pid)?.[19];
  if (ticks !== undefined) {
    return `${bootOf()} ${ticks}`;
  }
  return ps(pid, "lstart=");
}

/** Its start, and on Linux the table of processes in which its number counts (a container has one). */
export function birthOf(pid: number): string | undefined {
  const start = startOf(pid);
  return start && [start, ...tableOf()].join(" ");
}

/** Whether the process of this number and birth is counted in another table than ours. */
export const isElsewhere = (birth: string): boolean =>
  tableOf().some((own) => birth.includes(" pid:[") && !birth.endsWith(` ${own}`)) &&
  birth.startsWith(`${bootOf()} `);

/** False only where it is proved that the process of this number and start has ended. */
export function mayLive(pid: number, start: string): boolean {
  if (!isAlive(pid)) return false;
  const now = startOf(pid);
  // Another user's may be hidden.
  return now === undefined ? isAlive(pid) : start === now || start.startsWith(`${now} `);
}

/** Its name, and the process that started it. */
export function kinOf(pid: number): { name: string; parent: number } {
  const name = readIfThere(`/proc/${pid}/comm`) ?? ps(pid, "comm=") ?? "";
  return { name: name.trim(), parent: Number(statOf(pid)?.[1] ?? ps(pid, "ppid=") ?? 0) };
}

function tableOf(): string[] {
  try {
    return [readlinkSync("/proc/self/ns/pid")];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "EACCES" || code === "EPERM") return [];
    throw error;
  }
}

const bootOf = () => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();

/** `/proc/<pid>/stat` from its third field, the state, on: the second may hold anything. Linux only. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
}

/** Loaded only here: a hook on Linux must not pay for it. */
function ps(pid: number, field: string): string | undefined {
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const env = { PATH: "/bin:/usr/bin", LC_ALL: "C", TZ: "UTC" };
  const { stdout } = spawnSync("ps", ["-o", field, "-p", String(pid)], { env, encoding: "utf8" });
  return stdout?.trim() || undefined;
}
