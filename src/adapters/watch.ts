import { statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { watch } from "chokidar";

export interface FileWatch {
  /** Resolves at the next change of the file, after `ms`, or when the watch is closed. */
  changed(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** How often the file is looked at where the system reports no changes. */
const POLL_MS = 200;

/** statfs types of file systems that report only the changes of this machine, or none (statfs(2)). */
const REMOTE = new Set([
  ...[0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x01021997, 0x65735546, 0x5346414f, 0x00c36400],
]);

/**
 * Watches one file that may not exist yet. Where the system has no watch left (inotify instances,
 * watches or file descriptors), or the file is on a network file system, it is looked at every
 * 200 ms instead. `unable` is called once, with the reason, when a watch could not be had.
 */
export function watchFile(
  path: string,
  unable: (why: string) => void = () => undefined,
): FileWatch {
  const waits = new Set<() => void>();
  const endAll = () => {
    for (const end of waits) end();
  };
  let closed = false;
  let poll: NodeJS.Timeout | undefined;
  const startPolling = () => {
    if (poll || closed) return;
    let last = stampOf(path);
    poll = setInterval(() => {
      const next = stampOf(path);
      if (next !== last) endAll();
      last = next;
    }, POLL_MS);
    // A wait has a timer of its own, and nothing else shall keep the process.
    poll.unref();
  };
  const watcher = isRemote(path) ? undefined : watch(path, { ignoreInitial: true });
  if (watcher === undefined) startPolling();
  watcher?.on("all", endAll);
  // Without a listener Node would end the process.
  watcher?.on("error", (error) => {
    if (poll || closed) return;
    startPolling();
    unable(error instanceof Error ? error.message : String(error));
    // What changed until now was reported to nobody.
    endAll();
  });
  return {
    async changed(ms) {
      if (closed) return;
      await new Promise<void>((done) => {
        const timer = setTimeout(() => end(), ms);
        const end = () => {
          clearTimeout(timer);
          waits.delete(end);
          done();
        };
        waits.add(end);
      });
    },
    async close() {
      closed = true;
      clearInterval(poll);
      // A timer of nobody would keep the process.
      endAll();
      await watcher?.close();
    },
  };
}

/** Changes when the file is written to, made or removed. */
function stampOf(path: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

function isRemote(path: string): boolean {
  try {
    return REMOTE.has(statfsSync(dirname(path)).type);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code) return false;
    throw error;
  }
}
