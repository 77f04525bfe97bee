import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { isAlive } from "../../src/adapters/alive.ts";
import type { Person } from "./person.ts";
import { holds, until } from "./wait.ts";
import { AGENT, type World } from "./world.ts";

const GONE_MS = 8_000;
const SHOWN_MS = 1_500;

/** What happens to a program, its pane, its server, its hooks and its store. */
export class Hazards {
  /** What still runs beside the schedule. */
  readonly jobs: Promise<unknown>[] = [];
  #world: World;
  #person: Person;
  #hangs = false;

  constructor(world: World, person: Person) {
    this.#world = world;
    this.#person = person;
  }

  /** Somebody tidies up in the project's own folder. */
  unmark(): void {
    const folder = join(this.#world.room.root, ".overture", "mail");
    rmSync(folder, { recursive: true, force: true });
  }

  resize(columns: number): void {
    this.#world.tmux("resize-window", "-t", `=${AGENT}:`, "-x", String(columns));
  }

  hang(): void {
    const pid = this.#world.pid();
    if (pid === undefined || !isAlive(pid) || this.#hangs) return;
    this.#hangs = true;
    const over = () => {
      this.#hangs = false;
    };
    this.jobs.push(this.#world.subject.hang(pid).then(over));
  }

  async killAgent(): Promise<void> {
    if (await this.#world.is("starting")) return;
    this.#world.subject.killed();
    const pid = this.#world.pid();
    if (pid !== undefined && isAlive(pid)) process.kill(pid, "SIGKILL");
    this.#person.draft = undefined;
    if (pid !== undefined) await until("the agent's end", () => !isAlive(pid), GONE_MS);
  }

  async killPane(): Promise<void> {
    const pid = this.#world.pid();
    this.#world.subject.killed();
    this.#world.tmux("kill-session", "-t", `=${AGENT}`);
    this.#person.lost();
    if (pid !== undefined) await until("the agent's end", () => !isAlive(pid), GONE_MS);
  }

  /** The server is killed, and in a new one a person has the pane of that id, which looks the same. */
  async swapServer(): Promise<void> {
    const pane = Number(this.#world.live?.pane.pane.slice(1) ?? "0");
    const pid = this.#world.pid();
    const frame = this.#world.portrait();
    this.#world.subject.killed();
    this.#world.tmux("kill-server");
    this.#person.lost();
    if (pid !== undefined) await until("the agent's end", () => !isAlive(pid), GONE_MS);
    const conf = resolve("templates/tmux.conf");
    const session = ["-f", conf, "new-session", "-d", "-s", "person", "-x", "160", "-y", "48"];
    const start = [...session, this.#world.recorder(frame)];
    await until("a new server", () => this.#world.tmux(...start) !== undefined, GONE_MS);
    for (let n = 1; n <= pane; n++) {
      this.#world.tmux("new-window", "-d", "-t", "=person:", this.#world.recorder(frame));
    }
    const shown = () => this.#world.tmux("capture-pane", "-p", "-t", `%${pane}`)?.trim() !== "";
    await holds(shown, SHOWN_MS);
  }

  /** The next hook of the agent is killed so long after its start. */
  killHook(after: number): void {
    writeFileSync(
      join(this.#world.room.root, ".overture", "chaos-kill"),
      (after / 1000).toFixed(3),
    );
  }

  /** Another program holds the store's write lock. */
  lock(ms: number): void {
    const code = `const D=require("better-sqlite3");const d=new D(process.argv[1],{timeout:15000});
      d.exec("BEGIN IMMEDIATE");setTimeout(()=>{d.exec("COMMIT");d.close()},Number(process.argv[2]))`;
    const path = join(this.#world.room.root, ".overture", "overture.db");
    const child = spawn(process.execPath, ["-e", code, path, String(ms)], { stdio: "ignore" });
    this.jobs.push(new Promise((done) => child.once("exit", done)));
  }
}
