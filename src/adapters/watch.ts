import { watch } from "chokidar";

export interface FileWatch {
  /** Resolves at the next change of the file, after `ms`, or when the watch is closed. */
  changed(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** Watches one file that may not exist yet. */
export function watchFile(path: string): FileWatch {
  const watcher = watch(path, { ignoreInitial: true });
  const waits = new Set<() => void>();
  const endAll = () => {
    for (const end of waits) end();
  };
  watcher.on("all", endAll);
  return {
    async changed(ms) {
      if (watcher.closed) return;
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
    close() {
      const closed = watcher.close();
      // A timer of nobody would keep the process.
      endAll();
      return closed;
    },
  };
}
