import { execFileSync, spawnSync } from "node:child_process";
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join, resolve } from "node:path";
import Database from "better-sqlite3";
import { type Context, makeContext } from "../../src/cli/context.ts";
import { plainGlobals } from "../../src/cli/globals.ts";
import type { Session } from "../../src/domain/agent.ts";
import type { Delivery } from "../../src/domain/delivery.ts";
import { AppError } from "../../src/domain/errors.ts";
import type { ScreenReading } from "../../src/ports/runtime.ts";
import type { Frame } from "../../src/ports/terminal.ts";
import { spawnAgent } from "../../src/usecases/spawn-agent.ts";
import type { WakeTools } from "../../src/usecases/wake-agent.ts";
import { TeamRoom } from "../team-room.ts";
import { Machine } from "./machine.ts";
import type { Casting, Status, Subject } from "./subject.ts";
import { until } from "./wait.ts";

export const AGENT = "bo";
const TASK = "chaos";
/** What `ov sling` is told beside it, for the same start in a process of its own. */
export const SLING = ["sling", TASK, "--name", AGENT, "--recover", "--prompt", "begin"];
/** OpenCode took more than a minute on two busy cores. */
const START_MS = 120_000;
/** What a runtime reads of a frame beside its lines. */
const FACTS = "#{cursor_x} #{cursor_y} #{pane_width} #{pane_title}";

/** One agent in a room of its own, with the use cases of Overture in this process. */
export class World {
  readonly room: TeamRoom;
  readonly context: Context;
  readonly profile: string;
  readonly subject: Subject;
  readonly machine: Machine;
  tools!: WakeTools;
  /** Added to the dispatcher's clock, in ms. */
  skew = 0;
  #db: Database.Database;
  #recorders = 0;
  /** Leases that could not be renamed: the disk was full. */
  #owed: [owner: string, dead: string][] = [];
  #sessions: Session[] = [];
  /** A start was killed, and the next one has not been yet. */
  startDied = false;
  /** Counts the schedules that were played here. */
  plays = 0;

  private constructor(room: TeamRoom, profile: string, subject: Subject) {
    this.room = room;
    this.profile = profile;
    this.subject = subject;
    this.machine = new Machine(room);
    // tmux and all that the use cases start take this process's environment.
    const rooms = process.env.OV_TEST_ROOMS;
    for (const key of Object.keys(process.env)) delete process.env[key];
    Object.assign(process.env, room.env, rooms === undefined ? {} : { OV_TEST_ROOMS: rooms });
    this.context = makeContext(resolve("."), plainGlobals(true), { cwd: room.root, env: room.env });
    const database = join(room.root, ".overture", "overture.db");
    this.#db = new Database(database, { timeout: 15_000 });
    const bin = join(room.base, "named-like-the-agent");
    mkdirSync(bin);
    const cat = execFileSync("sh", ["-c", "command -v cat"], { encoding: "utf8" }).trim();
    symlinkSync(cat, join(bin, subject.program));
  }

  /** A room, and the subject in it, not yet started. */
  static async open(profile: string, casting: Casting): Promise<World> {
    const room = new TeamRoom();
    const subject = await casting(room);
    const { runtime, command, args } = subject;
    room.configure(`runtimes: ${JSON.stringify({ [runtime]: { command, args } })}\n`);
    mkdirSync(join(room.root, ".overture", "roles"));
    writeFileSync(join(room.root, ".overture", "roles", "builder.md"), "Work.\n");
    return new World(room, profile, subject);
  }

  get store() {
    return this.context.store;
  }

  get live(): Session | undefined {
    return this.store.sessions.liveOf(AGENT);
  }

  /** Starts the agent, or its next session, and waits until it is idle. */
  async start(): Promise<void> {
    this.tools ??= {
      ...(await this.context.wake()),
      now: () => Date.now() + this.skew,
      changed: (ms) => this.machine.changed(ms),
    };
    const recover = this.store.agents.get(AGENT) !== undefined;
    const { runtime, command, args } = this.subject;
    try {
      this.subject.begins();
      await spawnAgent(await this.context.spawn(), {
        ...{ task: TASK, name: AGENT, role: "builder", parent: "orchestrator", depth: 0 },
        ...{ runtime, recover, command, args },
        firstPrompt: () => "begin",
        rolePrompt: () => "",
      });
    } catch (error) {
      // One that was killed may have gone so far that the program runs.
      const runs = error instanceof AppError && error.message.includes("already runs");
      if (!runs || !this.startDied) throw error;
    }
    this.startDied = false;
    this.learn();
    const ready = async () =>
      this.subject.firstGiven("begin") !== undefined && (await this.is("idle"));
    await until("the agent idle", ready, START_MS);
  }

  /** Keeps a session that has begun, whoever started it. */
  learn(): void {
    const { live } = this;
    if (!live || this.#sessions.some(({ id }) => id === live.id)) return;
    if (!this.tools.launcher.hasBegun(live)) return;
    this.#sessions.push(live);
    this.subject.began(live);
  }

  /** The agent's last session, ended or not. */
  get last(): Session | undefined {
    return this.#sessions.at(-1);
  }

  /** Whoever calls has another folder of sockets, or the agent's again. */
  elsewhere(on: boolean): void {
    const folder = on ? join(this.room.base, "elsewhere") : this.room.base;
    mkdirSync(folder, { recursive: true });
    this.room.env.TMUX_TMPDIR = folder;
    process.env.TMUX_TMPDIR = folder;
  }

  status(): Promise<Status> {
    return this.subject.status(this);
  }

  async is(status: Status): Promise<boolean> {
    return (await this.status()) === status;
  }

  pid(): number | undefined {
    const session = this.live;
    return session ? this.tools.launcher.process(session).pid : undefined;
  }

  worktree(file: string): string {
    return join(this.room.root, ".overture", "worktrees", AGENT, file);
  }

  /** Whether tmux did it: what a person does to a pane that is gone does nothing. */
  tmux(...args: string[]): string | undefined {
    const { status, stdout } = spawnSync("tmux", ["-S", this.socket, ...args], {
      env: this.room.env,
      encoding: "utf8",
    });
    return status === 0 ? stdout : undefined;
  }

  /** Of the server that has the agent's pane, or had its last one. */
  get socket(): string {
    const own = join(this.room.base, `tmux-${process.getuid?.()}`, "ov");
    return this.last?.pane.socket ?? own;
  }

  reading(): ScreenReading | undefined {
    const target = ["-t", `=${AGENT}:`];
    const ask = ["display-message", "-p", ...target, FACTS, ";"];
    const shown = this.tmux(...ask, "capture-pane", "-p", "-e", ...target);
    const [facts, ...lines] = shown?.split("\n") ?? [];
    if (facts === undefined) return undefined;
    const [cursorX, cursorY, width, ...title] = facts.split(" ");
    const frame = { lines, cursorX: Number(cursorX), cursorY: Number(cursorY) };
    return this.tools.runtimes
      .get(this.subject.runtime)!
      .read({ ...frame, width: Number(width), title: title.join(" ") } as Frame);
  }

  /** The agent's screen, as bytes that draw it again. */
  portrait(): string {
    const target = ["-t", `=${AGENT}:`];
    const rows = this.tmux("capture-pane", "-p", "-e", ...target)?.trimEnd() ?? "";
    const at = this.tmux(
      "display-message",
      "-p",
      ...target,
      "#{e|+:#{cursor_y},1};#{e|+:#{cursor_x},1}",
    );
    return `\u001b[H\u001b[2J${rows.replaceAll("\n", "\r\n")}\u001b[${at?.trim() ?? "1;1"}H`;
  }

  /**
   * A command for a pane that records every byte it gets, named as the agent's program is, and
   * with this on its screen.
   */
  recorder(portrait = ""): string {
    const file = join(this.room.base, `bytes-${this.#recorders++}`);
    writeFileSync(file, "");
    writeFileSync(`${file}-portrait`, portrait);
    const program = join(this.room.base, "named-like-the-agent", this.subject.program);
    return `stty raw -echo; cat '${file}-portrait'; exec '${program}' >'${file}'`;
  }

  recorded(): string {
    const files = Array.from({ length: this.#recorders }, (_, n) => `bytes-${n}`);
    return files.map((file) => readFileSync(join(this.room.base, file), "latin1")).join("");
  }

  forgetRecorded(): void {
    for (let n = 0; n < this.#recorders; n++) writeFileSync(join(this.room.base, `bytes-${n}`), "");
  }

  delivery(id: string): Delivery | undefined {
    return this.store.mail.get(id)?.deliveries.find(({ recipient }) => recipient === AGENT);
  }

  /** Time passes for what waits in the store. */
  elapse(ms: number): void {
    this.#db
      .prepare(
        `UPDATE deliveries SET next_try_at = next_try_at - @ms, lease_until = lease_until - @ms,
           offered_at = offered_at - @ms WHERE state IN ('queued', 'leased', 'offered')`,
      )
      .run({ ms });
  }

  /** The leases of a process that is no more, in the name of one that surely is not. */
  disown(owner: string, dead: string): void {
    this.#owed.push([owner, dead]);
    this.settleLeases();
  }

  /** Dead processes have a pid that is nobody's, at the latest once there is room to write it. */
  settleLeases(): void {
    try {
      for (const [owner, dead] of this.#owed)
        this.#db.prepare("UPDATE leases SET owner = ? WHERE owner = ?").run(dead, owner);
      this.#owed = [];
    } catch (error) {
      if (!this.machine.explains(error)) throw error;
    }
  }

  /** What the store says happened to a letter, a line each; times in ms of `since`. */
  history(id: string, since: number): string[] {
    const rows = this.#db.prepare(
      "SELECT at, kind, data FROM events WHERE message = ? ORDER BY id",
    );
    const events = rows.all(id) as { at: number; kind: string; data: string | null }[];
    const { door, offeredAt } = this.delivery(id) ?? {};
    const last = `${(offeredAt ?? since) - since} offered by ${door}`;
    return [...events.map(({ at, kind, data }) => `${at - since} ${kind} ${data ?? ""}`), last];
  }

  findByMark(mark: string): string | undefined {
    const row = this.#db.prepare("SELECT id FROM messages WHERE body LIKE ?").pluck();
    return row.get(`%${mark}%`) as string | undefined;
  }

  async close(): Promise<void> {
    this.#db.close();
    await this.context.close();
    for (const { dir } of this.#sessions) letGo(dir);
    this.elsewhere(false);
    this.machine.free();
    this.tmux("kill-server");
    await this.room.stop();
    await this.machine.close();
    rmSync(this.room.base, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Who still waits behind the bell of a session whose pane was killed ends. */
function letGo(dir: string): void {
  try {
    const fd = openSync(join(dir, "bell"), constants.O_WRONLY | constants.O_NONBLOCK);
    writeSync(fd, "end\n");
    closeSync(fd);
  } catch {
    // Nobody waits there.
  }
}
