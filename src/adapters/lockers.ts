import { statSync } from "node:fs";
import { kinOf } from "./alive.ts";
import { readIfThere } from "./files.ts";

/**
 * The processes that keep others out of a store: those that hold a lock for writing on one of its
 * files, without this one. Linux tells (`/proc/locks`); elsewhere, and of a process in another
 * container, nothing is known.
 */
export function lockersOf(store: string): { pid: number; name: string }[] {
  const inodes = ["", "-wal", "-shm"].flatMap(
    (end) => statSync(store + end, { throwIfNoEntry: false })?.ino ?? [],
  );
  const lines = (readIfThere("/proc/locks") ?? "").split("\n");
  const pids = new Set<number>();
  for (const line of lines) {
    // `1: POSIX  ADVISORY  WRITE 4711 fe:00:131 0 EOF`
    const [, pid, inode] = /ADVISORY +WRITE (\d+) [\da-f]+:[\da-f]+:(\d+) /.exec(line) ?? [];
    if (inodes.includes(Number(inode)) && Number(pid) !== process.pid) pids.add(Number(pid));
  }
  pids.delete(0);
  return [...pids].map((pid) => ({ pid, name: kinOf(pid).name || "unknown" }));
}
