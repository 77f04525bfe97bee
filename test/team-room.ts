import { execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { toDelivery } from "../src/adapters/sqlite/rows.ts";
import { receiptJson } from "../src/cli/commands/mail/json.ts";

export const OV = realpathSync("bin/ov");

export interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RoomOptions {
  /** Lines of `.overture/config.yaml` beside the project's name and socket. */
  config?: string;
  env?: Record<string, string>;
  /** Name of the repository's folder. */
  folder?: string;
}

/** Waits for a fact; throws with the last value that was not it. */
export async function until<T>(
  what: string,
  fact: () => T | Promise<T>,
  fits: (value: T) => boolean,
  ms = 90_000,
): Promise<T> {
  const deadline = Date.now() + ms;
  // Most looks start a process, which takes time from what is waited for.
  for (let rest = 50; ; rest = Math.min(250, rest * 1.3)) {
    const value = await fact();
    if (fits(value)) return value;
    if (Date.now() > deadline) {
      const last = typeof value === "string" ? value : JSON.stringify(value);
      throw new Error(`${what}: not within ${ms} ms: ${last}`);
    }
    await pause(rest);
  }
}

/** A project of its own: repository, store and private tmux server, gone after the test. */
export class TeamRoom {
  readonly base: string;
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  /** The launcher that is called. */
  program = OV;

  constructor({ config = "", env = {}, folder = "project" }: RoomOptions = {}) {
    const rooms = process.env.OV_TEST_ROOMS ?? join(tmpdir(), `ov-rooms-${process.pid}`);
    mkdirSync(rooms, { recursive: true });
    this.base = realpathSync(mkdtempSync(join(rooms, "t-")));
    this.root = join(this.base, folder);
    mkdirSync(this.root);
    this.env = { ...cleanEnv(), HOME: this.base, TMUX_TMPDIR: this.base, ...env };
    this.git("init", "-q", "-b", "main");
    this.git("config", "user.name", "Person");
    this.git("config", "user.email", "person@example.org");
    writeFileSync(join(this.root, "README.md"), "# project\n");
    this.git("add", "-A");
    this.git("commit", "-qm", "first");
    execFileSync(OV, ["init", "--name", "project"], { cwd: this.root, env: this.env });
    this.configure(config);
  }

  configure(config: string): void {
    const head = "project:\n  name: project\ntmux:\n  socket: ov\nruntime: scripted\n";
    const rate = config.includes("mail:")
      ? ""
      : "mail:\n  ratePerMinute: 0\n  pairPerTenMinutes: 0\n";
    writeFileSync(join(this.root, ".overture", "config.yaml"), `${head}${rate}${config}`);
  }

  git(...args: string[]): string {
    const options = { cwd: this.root, env: this.env, encoding: "utf8" as const };
    return execFileSync("git", args, options);
  }

  /** Runs `ov`, or another one; never throws for an exit code. */
  ov(
    args: readonly string[],
    options: { env?: object; input?: string; program?: string } = {},
  ): Promise<Result> {
    return new Promise((done) => {
      const env = { ...this.env, ...options.env };
      const settings = { cwd: this.root, env, maxBuffer: 1 << 26, encoding: "utf8" as const };
      const child = execFile(
        options.program ?? this.program,
        args,
        settings,
        (error, stdout, stderr) => {
          const code = error ? Number(error.code ?? 1) : 0;
          done({ code, stdout, stderr });
        },
      );
      // The launcher may have ended before it could read.
      child.stdin?.on("error", () => undefined).end(options.input ?? "");
    });
  }

  /** Runs `ov … --json` and parses its answer; throws with all output when it failed. */
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any verb.
  async json(...args: string[]): Promise<any> {
    const result = await this.ov([...args, "--json"]);
    const value = result.stdout === "" ? undefined : JSON.parse(result.stdout);
    if (!value?.success) throw new Error(`ov ${args.join(" ")}: ${JSON.stringify(result)}`);
    return value;
  }

  /** Starts `ov` without waiting, for a test that kills it. */
  start(args: readonly string[]) {
    return spawn(OV, args, { cwd: this.root, env: this.env, stdio: ["ignore", "pipe", "pipe"] });
  }

  tmux(...args: string[]): string {
    const options = { env: this.env, encoding: "utf8" as const };
    return execFileSync("tmux", ["-L", "ov", ...args], options);
  }

  /** The visible text of an agent's pane. */
  screen(agent: string): string {
    return this.tmux("capture-pane", "-p", "-t", `=${agent}:`);
  }

  /** Waits for an agent's state; the error has what `ov explain` and the screen say instead. */
  async becomes(agent: string, state: string, ms?: number, screen = () => this.lastScreen(agent)) {
    try {
      const now = () => this.state(agent);
      await until(`${agent} ${state}`, now, (found) => found === state, ms);
    } catch (error) {
      const { stdout } = await this.ov(["explain", agent]);
      throw new Error(`${(error as Error).message}\n${stdout}\n${screen()}`);
    }
  }

  /** The visible text, or why there is none. */
  private lastScreen(agent: string): string {
    try {
      return this.screen(agent);
    } catch (error) {
      return String(error);
    }
  }

  async state(agent: string): Promise<string> {
    const { agents } = await this.json("status");
    return agents.find((row: { name: string }) => row.name === agent)?.state ?? "none";
  }

  /** The receipt of a letter at one recipient, as `ov mail list --json` prints it. */
  // biome-ignore lint/suspicious/noExplicitAny: undefined until it is there; a test that needs it fails.
  async receipt(id: string, agent: string): Promise<any> {
    return this.look((db) => {
      const sql = `SELECT d.*, m.id AS message_id FROM deliveries d JOIN messages m USING (seq)
                   WHERE m.id = ? AND d.recipient = ?`;
      const row = db.prepare(sql).get(id, agent) as Record<string, unknown> | undefined;
      return row && receiptJson(toDelivery(row));
    });
  }

  /** Reads the store, without a process. */
  private look<T>(read: (db: Database.Database) => T): T {
    const db = new Database(join(this.root, ".overture", "overture.db"), { readonly: true });
    try {
      return read(db);
    } finally {
      db.close();
    }
  }

  /** The process that delivers now, by the lease that it holds, and until when (Unix ms). */
  dispatcher(): { pid: number; until: number } | undefined {
    const sql = "SELECT owner, until FROM leases WHERE name = 'dispatcher'";
    const lease = this.look((db) => db.prepare<[], { owner: string; until: number }>(sql).get());
    return lease && { pid: Number.parseInt(lease.owner, 10), until: lease.until };
  }

  /** The files of an agent's newest session. */
  session(agent: string, generation = 1): string {
    return join(this.root, ".overture", "agents", agent, String(generation));
  }

  /** What the scripted agent's "model" was given, one entry a request. */
  requests(
    agent: string,
    generation = 1,
  ): { at: number; system?: string; new: { role: string; text: string; source: string }[] }[] {
    const path = join(this.session(agent, generation), "home", "requests.jsonl");
    const lines = readFileSync(path, "utf8").split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line));
  }

  /** How often a text reached the scripted agent's "model". */
  reached(agent: string, text: string, generation = 1): number {
    const given = this.requests(agent, generation).flatMap((request) =>
      request.new.map((part) => part.text),
    );
    return given.join("\n").split(text).length - 1;
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.base, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Ends all that runs here. */
  async stop(): Promise<void> {
    const { agents } = await this.json("status", "--all");
    for (const { name, state } of agents) if (state !== "stopped") await this.ov(["stop", name]);
    await this.endServer("ov");
    await this.dispatcherEnded();
  }

  /** Ends a tmux server of this room, and waits for all that ran in its panes: some write as they end. */
  async endServer(socket: string): Promise<void> {
    if (!existsSync(join(this.base, `tmux-${process.getuid?.()}`, socket))) return;
    const tmux = (...args: string[]) =>
      spawnSync("tmux", ["-L", socket, ...args], { env: this.env, encoding: "utf8" }).stdout;
    const panes = tmux("list-panes", "-a", "-F", "#{pane_pid}").split("\n").filter(Boolean);
    const ending = descendants(panes.map(Number));
    tmux("kill-server");
    for (let i = 0; i < 100 && ending.some(isAlive); i++) await pause(50);
    for (const pid of ending.filter(isAlive)) process.kill(pid, "SIGKILL");
  }

  /** A dispatcher ends by itself once nobody is live. */
  private async dispatcherEnded(): Promise<void> {
    for (let i = 0; i < 200; i++) {
      const all = execFileSync("ps", ["-eo", "args="], { encoding: "utf8" });
      if (!all.includes(this.base)) return;
      await pause(50);
    }
  }
}

export const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** These processes and all below them. */
function descendants(pids: number[]): number[] {
  const rows = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const found = [...pids];
  for (const parent of found) {
    for (const [pid, ppid] of rows) if (ppid === parent) found.push(pid!);
  }
  return found;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The machine's environment without what would tie a test to the session that runs it. */
function cleanEnv(): NodeJS.ProcessEnv {
  const drop =
    /^(CI$|GITHUB_|OV_|OVERSTORY_|TMUX|CLAUDE|ANTHROPIC_|AI_AGENT|CODEX_|OPENAI_|GEMINI_|GOOGLE_|OPENCODE)/;
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !drop.test(key)));
}
