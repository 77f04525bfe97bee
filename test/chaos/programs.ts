import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "../../src/adapters/alive.ts";

const SAMPLE_MS = 250;

interface Program {
  pid: number;
  /** Of ours; a program that was started twice for one has one name for both. */
  session: string;
}

/**
 * Looks, through a schedule, whether two programs of the agent live at once: by what each of its
 * starts wrote down, and by the processes themselves.
 */
export class Programs {
  /** What was seen, once each. */
  readonly broken = new Set<string>();
  #root: string;
  #agent: string;
  #isProgram: (args: string) => boolean;
  #timer: NodeJS.Timeout | undefined;

  constructor(root: string, agent: string, isProgram: (args: string) => boolean) {
    this.#root = root;
    this.#agent = agent;
    this.#isProgram = isProgram;
  }

  watch(): void {
    this.#timer = setInterval(() => this.look(), SAMPLE_MS);
  }

  /** The last look is now. */
  stop(): void {
    clearInterval(this.#timer);
    this.look();
  }

  look(): void {
    for (const seen of [this.#written(), this.#running()]) {
      // One may have ended while the other was looked for.
      const living = seen.filter(({ pid }) => isAlive(pid) && textOf(pid, "cmdline") !== "");
      if (living.length < 2) continue;
      const names = living.map(({ pid, session }) => `${pid} of ${session}`).toSorted();
      this.broken.add(`second program: ${names.join(", ")}`);
    }
  }

  /** Those whose pid is in a session's folder, and whose end is not. */
  #written(): Program[] {
    const folder = join(this.#root, ".overture", "agents", this.#agent);
    if (!statSync(folder, { throwIfNoEntry: false })) return [];
    return readdirSync(folder).flatMap((session) => {
      const pid = Number(readOr(join(folder, session, "pid")));
      const isOver = readOr(join(folder, session, "exit")) !== "";
      // Its number may be another process's by now.
      return pid > 0 && !isOver && this.#isOurs(pid) ? [{ pid, session }] : [];
    });
  }

  /** Of processes that are the program, the one that started the others, where that lives. */
  #running(): Program[] {
    if (process.platform !== "linux") return [];
    const own = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => this.#isOurs(pid) && this.#isProgram(wordsOf(pid)));
    return own
      .filter((pid) => !own.includes(parentOf(pid)))
      .map((pid) => ({ pid, session: variable(pid, "OV_SESSION") ?? "no session" }));
  }

  #isOurs(pid: number): boolean {
    if (process.platform !== "linux") return isAlive(pid);
    return variable(pid, "OV_AGENT") === this.#agent && variable(pid, "OV_ROOT") === this.#root;
  }
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // It is not there, or not any more.
  }
}

const textOf = (pid: number, file: string) =>
  process.platform === "linux" ? readOr(`/proc/${pid}/${file}`) : "somebody";

const wordsOf = (pid: number) => textOf(pid, "cmdline").replaceAll("\0", " ");

function variable(pid: number, name: string): string | undefined {
  const words = textOf(pid, "environ").split("\0");
  return words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
}

function parentOf(pid: number): number {
  const stat = textOf(pid, "stat");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}
