import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OV, TeamRoom } from "../team-room.ts";

const AGENT = join(OV, "../../dist/agent.mjs");

/** A person's own tmux server in a room, with a shell in which programs are started by hand. */
export class Person {
  readonly room = new TeamRoom();
  readonly home = join(this.room.base, "person");
  readonly env: NodeJS.ProcessEnv;

  readonly socket = "person";

  constructor() {
    this.env = { ...this.room.env, PS1: "$ " };
    writeFileSync(join(this.room.base, "no-hooks.json"), "{}");
    this.serve();
  }

  /** Starts the server anew: its pane ids begin at %0. */
  serve(): void {
    const size = ["-x", "120", "-y", "40"];
    this.tmux("-f", "/dev/null", "new-session", "-d", "-s", "me", ...size, "bash", "--norc");
  }

  tmux(...args: string[]): string {
    const options = { env: this.env, cwd: this.room.root, encoding: "utf8" as const };
    return execFileSync("tmux", ["-u", "-L", this.socket, ...args], options);
  }

  type(...keys: string[]): void {
    this.tmux("send-keys", "-t", "%0", ...keys);
  }

  /** A line at the shell. */
  line(text: string): void {
    this.type("-l", text);
    this.type("Enter");
  }

  screen(): string {
    return this.tmux("capture-pane", "-p", "-t", "%0");
  }

  /** The command line of a scripted agent that reads these settings. */
  agent(settings = join(this.room.base, "no-hooks.json"), ...more: string[]): string {
    return ["node", AGENT, "--home", this.home, "--settings", settings, ...more].join(" ");
  }

  /** What its model was given, as text. */
  given(): string {
    const path = join(this.home, "requests.jsonl");
    if (!existsSync(path)) return "";
    const lines = readFileSync(path, "utf8").split("\n").filter(Boolean);
    return lines
      .flatMap((line) => JSON.parse(line).new as { role: string; text: string }[])
      .filter(({ role }) => role !== "assistant")
      .map(({ text }) => text)
      .join("\n");
  }

  reached(text: string): number {
    return this.given().split(text).length - 1;
  }

  /** Runs `ov` as a program in the person's pane would. */
  inPane(): { TMUX: string; TMUX_PANE: string } {
    const format = "#{socket_path},#{pid},0";
    return { TMUX: this.tmux("display-message", "-p", format).trim(), TMUX_PANE: "%0" };
  }

  async close(): Promise<void> {
    spawnSync("tmux", ["-L", this.socket, "kill-server"], { env: this.env });
    await this.room.close();
  }
}

export const socketPath = (person: Person) =>
  realpathSync(join(person.room.base, `tmux-${process.getuid?.()}`, person.socket));
