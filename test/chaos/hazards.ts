import { spawn } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { isAlive } from "../../src/adapters/alive.ts";
import type { Person } from "./person.ts";
import type { End } from "./schedule.ts";
import { holds, pause, until } from "./wait.ts";
import { AGENT, SLING, type World } from "./world.ts";

const GONE_MS = 8_000;
const SHOWN_MS = 1_500;
/** Keys have come to the terminal by then. */
const TYPED_MS = 150;

/** What happens to a program, its pane, its server, its hooks and its store. */
export class Hazards {
  /** What still runs beside the schedule. */
  readonly jobs: Promise<unknown>[] = [];
  /** Starts that failed, each beginning with the promise's name. */
  readonly failures: string[] = [];
  #world: World;
  #person: Person;
  #hangs = false;

  constructor(world: World, person: Person) {
    this.#world = world;
    this.#person = person;
  }

  /** Somebody tidies up in the project's own folder. */
  /** As a resize does that a program misses: what is on the screen is not what it has. */
  spoil(): void {
    const tty = this.#world.tmux("display-message", "-p", "-t", `=${AGENT}:`, "#{pane_tty}");
    if (tty?.trim()) writeFileSync(tty.trim(), "\u001b7-0\u001b8");
  }

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

  /**
   * A person types while the program is held up, and it goes on so short a time before the
   * dispatcher that it has read their keys and may have shown none.
   */
  async late(ms: number): Promise<void> {
    const pid = this.#world.pid();
    if (pid === undefined || !isAlive(pid) || this.#hangs) return;
    process.kill(pid, "SIGSTOP");
    this.jobs.push(this.#person.type("half a thought"));
    await pause(TYPED_MS);
    process.kill(pid, "SIGCONT");
    await pause(ms);
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
    await this.resocket();
    const pid = this.#world.pid();
    this.#world.subject.killed();
    this.#world.tmux("kill-session", "-t", `=${AGENT}`);
    this.#person.lost();
    if (pid !== undefined) await until("the agent's end", () => !isAlive(pid), GONE_MS);
  }

  /** The server is killed, and in a new one a person has the pane of that id, which looks the same. */
  async swapServer(): Promise<void> {
    await this.resocket();
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

  /** A cleaner of temporary files takes the socket's file; the server and the agent live. */
  unsocket(): void {
    const { live, socket } = this.#world;
    const server = this.#world.tmux("display-message", "-p", "#{pid}")?.trim();
    if (live && server === String(live.pane.serverPid)) rmSync(socket, { force: true });
  }

  /** A person has it made again, where the server lives. */
  async resocket(): Promise<void> {
    const { last, socket } = this.#world;
    if (!last || existsSync(socket) || !isAlive(last.pane.serverPid)) return;
    process.kill(last.pane.serverPid, "SIGUSR1");
    const isOver = () => existsSync(socket) || !isAlive(last.pane.serverPid);
    await until("the socket", isOver, GONE_MS);
  }

  /** The agent is ended, and started again by a process that may be killed in the middle of it. */
  async restart(end: End, killAfter: number | null): Promise<void> {
    if (this.#world.startDied || (await this.#world.is("starting"))) return;
    const pid = this.#world.pid();
    if (pid === undefined || !isAlive(pid)) return;
    await this.resocket();
    const { subject, room, machine } = this.#world;
    const isHeld = end === "held" && subject.runtime === "scripted";
    if (isHeld) {
      // The server outlives the pane, and the program its terminal for as long as it is held up.
      this.#world.tmux("new-session", "-d", "-s", "beside", this.#world.recorder());
      this.hang();
      // Twice as long: longer than a start waits for it.
      process.kill(pid, "SIGUSR2");
      subject.killed();
      this.#world.tmux("kill-session", "-t", `=${AGENT}`);
    } else if (end === "kill" || (end === "stop" && machine.isFull)) await this.killAgent();
    else if (end === "stop") {
      subject.killed();
      await room.ov(["stop", AGENT]);
      await until("the agent's end", () => !isAlive(pid), GONE_MS);
    } else await this.killPane();
    this.#person.lost();
    subject.begins();
    this.#world.startDied = true;
    const child = room.start([...SLING, "--runtime", subject.runtime]);
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text) => {
      said += text;
    });
    child.stdout.resume();
    const timer =
      killAfter === null ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfter);
    const code = await new Promise<number | null>((done) => child.once("close", done));
    clearTimeout(timer);
    this.#world.learn();
    // The program that is held up may outlive the wait for it.
    const isRefused = isHeld && said.includes("a program that runs");
    if (code === null || isRefused || (machine.isFull && said.includes("no space"))) return;
    if (code === 0) this.#world.startDied = false;
    else this.failures.push(`threw: a start after ${end} ended with ${code}: ${said}`);
  }

  /** The next hook of the agent is killed so long after its start. */
  killHook(after: number): void {
    const path = join(this.#world.room.root, ".overture", "chaos-kill");
    try {
      writeFileSync(path, (after / 1000).toFixed(3));
    } catch (error) {
      if (!this.#world.machine.explains(error)) throw error;
      rmSync(path, { force: true });
    }
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
