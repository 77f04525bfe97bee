import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type FileWatch, watchFile } from "../../src/adapters/watch.ts";
import type { TeamRoom } from "../team-room.ts";
import { until } from "./wait.ts";

/** A lane in namespaces of its own may mount, and set limits for nobody but what it has started. */
export const OWN = ["--user", "--map-root-user", "--mount"];
export const IS_OWN = process.env.OV_CHAOS_OWN === "1";

const SIZE = "256m";
const TRIES = 20;
const BLIND_MS = 5_000;
/** An agent's own folders stand on another disk: what its model was given must not be lost here. */
const ASIDE = ["agents", "worktrees"];
const LIMITS = ["max_inotify_watches", "max_inotify_instances"].map(
  (name) => `/proc/sys/user/${name}`,
);

const mount = (...args: string[]) => execFileSync("mount", args, { stdio: "pipe" });

/** The disk of a room's store, and the file watches that its processes may have. */
export class Machine {
  /** The disk was full at some time since `forget`. */
  wasFull = false;
  isFull = false;
  #watch: FileWatch | undefined;
  /** The dispatcher's watch could not be had. */
  #isBlind = false;
  #home: string;
  #base: string;
  #limits = IS_OWN ? LIMITS.map((path) => readFileSync(path, "utf8")) : [];

  /** Puts the room's `.overture` on a disk of its own, before anybody has opened its store. */
  constructor({ root, base }: TeamRoom) {
    this.#home = join(root, ".overture");
    this.#base = base;
    if (!IS_OWN) return;
    const before = join(base, "before");
    renameSync(this.#home, before);
    mkdirSync(this.#home);
    mount("-t", "tmpfs", "-o", `size=${SIZE},mode=700`, "tmpfs", this.#home);
    cpSync(before, this.#home, { recursive: true });
    rmSync(before, { recursive: true });
    for (const name of ASIDE) {
      for (const folder of [join(base, name), join(this.#home, name)]) {
        mkdirSync(folder, { recursive: true });
        chmodSync(folder, 0o700);
      }
      mount("--bind", join(base, name), join(this.#home, name));
    }
  }

  /** Not one more byte goes on the store's disk. */
  fill(): void {
    this.wasFull = true;
    this.isFull = true;
    for (let n = 1; ; n++) {
      const { blocks, bfree, bsize } = statfsSync(this.#home);
      try {
        // Refused where more was written meanwhile.
        mount("-o", `remount,size=${(blocks - bfree) * bsize}`, this.#home);
        return;
      } catch (error) {
        if (n === TRIES) throw error;
      }
    }
  }

  free(): void {
    if (!this.isFull) return;
    mount("-o", `remount,size=${SIZE}`, this.#home);
    this.isFull = false;
  }

  /** As the dispatcher waits for a change of the store. */
  changed(ms: number): Promise<void> {
    return this.#watched().changed(ms);
  }

  /** No process gets a file watch from now on, and the dispatcher has none; or each does again. */
  async blind(on: boolean): Promise<void> {
    if (on === this.#isBlind) return;
    this.#limit(on);
    const before = this.#watch;
    this.#watch = undefined;
    await before?.close();
    if (!on) this.#isBlind = false;
    else this.#watched();
    await until("no file watch", () => this.#isBlind === on, BLIND_MS);
  }

  #limit(on: boolean): void {
    LIMITS.forEach((path, i) => {
      if (IS_OWN) writeFileSync(path, on ? "0" : this.#limits[i]!);
    });
  }

  #watched(): FileWatch {
    this.#watch ??= watchFile(join(this.#home, "overture.db-wal"), () => {
      this.#isBlind = true;
    });
    return this.#watch;
  }

  /** Whether an error is what a full disk makes of a write, and the disk was full. */
  explains(error: unknown): boolean {
    if (!this.wasFull || !(error instanceof Error)) return false;
    const { code } = error as NodeJS.ErrnoException;
    if (/^(ENOSPC|SQLITE_FULL|SQLITE_IOERR.*)$/.test(String(code))) return true;
    return this.explains(error.cause);
  }

  async close(): Promise<void> {
    await this.#watch?.close();
    if (!IS_OWN) return;
    this.free();
    this.#limit(false);
    for (const name of [...ASIDE, ""]) {
      execFileSync("umount", ["-l", join(this.#home, name)], { stdio: "pipe" });
    }
    for (const name of ASIDE) rmSync(join(this.#base, name), { recursive: true, force: true });
  }
}
