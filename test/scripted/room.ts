import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { build } from "esbuild";
import { expect } from "vitest";

const MARK = "❯\u00a0";
const SETTLE_MS = 60;
const EXIT = "#{pane_dead} #{pane_dead_status}";

export interface Request {
  n: number;
  system?: string;
  new: { role: string; text: string; source: string }[];
}

interface StartOptions {
  /** Hook commands by event. */
  hooks?: Record<string, string>;
  /** More keys of the hook entries. */
  hookFields?: Record<string, unknown>;
  script?: string;
  args?: string[];
  prompt?: string;
  env?: Record<string, string>;
  /** A command that gets the agent's as its last arguments. */
  under?: string[];
}

function temporary(name: string): string {
  const base = process.env.OV_TEST_ROOMS ?? tmpdir();
  mkdirSync(base, { recursive: true });
  return mkdtempSync(join(base, name));
}

/** `expect.poll` with a deadline that a loaded machine meets too. */
export const eventually = <T>(fact: () => T, interval = 20) =>
  expect.poll(fact, { timeout: 90_000, interval });

/** False for a zombie: what init has not reaped yet runs no more. */
export function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/** The agent as one file, in a folder that the caller removes. */
export async function bundleAgent(): Promise<{ dir: string; file: string }> {
  const dir = temporary("scripted-bundle-");
  const file = join(dir, "agent.mjs");
  await build({
    entryPoints: ["src/adapters/runtimes/scripted/agent.ts"],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
    banner: {
      js: 'import { createRequire as nodeRequire } from "node:module"; const require = nodeRequire(import.meta.url);',
    },
  });
  return { dir, file };
}

/** The agent in a pane of a tmux server of its own. */
export class Room {
  readonly dir = temporary("scripted-room-");
  readonly home = join(this.dir, "home");
  readonly work = join(this.dir, "work");
  #socket = `ovt-${randomBytes(6).toString("hex")}`;
  #agent: string;

  constructor(agent: string) {
    this.#agent = agent;
    mkdirSync(this.work);
  }

  tmux(args: string[], input?: string): string {
    const { TMUX: _tmux, TMUX_PANE: _pane, ...env } = process.env;
    return execFileSync("tmux", ["-L", this.#socket, "-f", "/dev/null", ...args], {
      encoding: "utf8",
      input,
      env,
      stdio: ["pipe", "pipe", "pipe"],
    });
  }

  /** Starts the agent without waiting for it. */
  launch({
    hooks = {},
    hookFields = {},
    script,
    args = [],
    prompt,
    env = {},
    under = [],
  }: StartOptions): void {
    const settings = join(this.dir, "settings.json");
    const entries = Object.entries(hooks).map(([event, command]) => [
      event,
      [{ hooks: [{ type: "command", command, timeout: 5, ...hookFields }] }],
    ]);
    writeFileSync(settings, JSON.stringify({ hooks: Object.fromEntries(entries) }));
    const argv = [
      ...under,
      "env",
      "-u",
      "OV_AGENT",
      ...Object.entries(env).map(([k, v]) => `${k}=${v}`),
    ];
    argv.push(process.execPath, this.#agent, "--home", this.home, "--settings", settings, ...args);
    if (script !== undefined) {
      writeFileSync(join(this.dir, "rules.yaml"), script);
      argv.push("--script", join(this.dir, "rules.yaml"));
    }
    if (prompt !== undefined) argv.push(prompt);
    const keep = ["set-option", "-g", "remain-on-exit", "on", ";"];
    this.tmux([...keep, "new-session", "-d", "-x", "100", "-y", "30", "-c", this.work, ...argv]);
  }

  async start(options: StartOptions = {}): Promise<void> {
    this.launch(options);
    await this.reaches("idle");
  }

  /** Puts text in as a terminal's paste. */
  paste(text: string): void {
    this.tmux(
      ["load-buffer", "-b", "p", "-", ";", "paste-buffer", "-p", "-r", "-d", "-b", "p"],
      text,
    );
  }

  /** Keys by name, or typed text with `-l`. */
  keys(...keys: string[]): void {
    this.tmux(["send-keys", ...keys]);
  }

  /** A visible paste, then Enter. */
  async say(text: string): Promise<void> {
    this.paste(text);
    await eventually(() => this.draft()).not.toBe("");
    await this.submit();
  }

  /** One Enter, and the draft is gone. */
  async submit(): Promise<void> {
    // The agent loses an Enter that follows a paste at once; no fact on the screen shows this time.
    await wait(SETTLE_MS);
    this.keys("Enter");
    await eventually(() => this.draft()).toBe("");
  }

  screen(): string {
    return this.tmux(["capture-pane", "-p"]);
  }

  format(format: string): string {
    return this.tmux(["display-message", "-p", format]).trim();
  }

  /** What stands in the composer; dim text is none. */
  draft(): string {
    const rows = this.tmux(["capture-pane", "-p", "-e"]).split("\n");
    const at = rows.findIndex((row) => row.includes(MARK));
    if (at < 0) return "";
    const end = rows.findIndex((row, i) => i > at && row.includes("──"));
    return rows
      .slice(at, end)
      .map((row) => row.replace(MARK, "").replace(/\u001b\[2m.*/, ""))
      .map((row) =>
        row
          .replace(/\u001b\[[\d;]*m/g, "")
          .replace(/^ {2}/, "")
          .trimEnd(),
      )
      .join("\n");
  }

  requests(): Request[] {
    return this.#lines(join(this.home, "requests.jsonl")) as unknown as Request[];
  }

  /** Every block that reached the model, as `source: text`. */
  sent(): string[] {
    return this.requests().flatMap((r) => r.new.map(({ source, text }) => `${source}: ${text}`));
  }

  transcript(): Record<string, unknown>[] {
    const projects = join(this.home, "projects");
    const folder = join(projects, readdirSync(projects)[0] ?? "");
    const file = readdirSync(folder).find((name) => name.endsWith(".jsonl"));
    return file === undefined ? [] : this.#lines(join(folder, file));
  }

  session(): Record<string, unknown> | undefined {
    const folder = join(this.home, "sessions");
    if (!existsSync(folder)) return undefined;
    const name = readdirSync(folder).find((file) => file.endsWith(".json"));
    return name === undefined ? undefined : JSON.parse(readFileSync(join(folder, name), "utf8"));
  }

  async reaches(status: string): Promise<void> {
    await eventually(() => this.session()?.status).toBe(status);
  }

  /** `<dead> <exit status>` of the pane's program. */
  exit(): string {
    // tmux 3.3a can miss the SIGCHLD of a pane; it then reaps it with the next child that ends.
    return this.tmux(["run-shell", "true", ";", "display-message", "-p", EXIT]).trim();
  }

  /** Ends the server and the agent with it. */
  async close(): Promise<void> {
    const sockets = join(process.env.TMUX_TMPDIR ?? "/tmp", `tmux-${process.getuid?.()}`);
    try {
      const pid = Number(this.format("#{pane_pid}"));
      this.tmux(["kill-server"]);
      await eventually(() => isRunning(pid)).toBe(false);
    } finally {
      rmSync(join(sockets, this.#socket), { force: true });
      rmSync(this.dir, { recursive: true, force: true });
    }
  }

  #lines(file: string): Record<string, unknown>[] {
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
  }
}
