import { watch } from "chokidar";

export interface FileWatch {
  /** Resolves at the next change of the file, or after `ms`. */
  changed(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** Watches one file that may not exist yet. */
export function watchFile(path: string): FileWatch {
  const watcher = watch(path, { ignoreInitial: true });
  return {
    changed: (ms) =>
      new Promise((done) => {
        const end = () => {
          clearTimeout(timer);
          watcher.off("all", end);
          done();
        };
        const timer = setTimeout(end, ms);
        watcher.on("all", end);
      }),
    close: () => watcher.close(),
  };
}
