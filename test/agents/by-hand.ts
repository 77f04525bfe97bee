import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect } from "vitest";
import { type ScriptedModel, startModel } from "../model/server.ts";
import { TeamRoom } from "../team-room.ts";
import type { AgentKit } from "./kit.ts";

const SOON = { timeout: 90_000, interval: 100 };

/** An agent that a person starts at a shell of their own tmux server, named bo once adopted. */
export interface ByHand {
  room: () => TeamRoom;
  model: () => ScriptedModel;
  screen(): string;
  type(...keys: string[]): void;
  /** A person's prompt: typed, seen, submitted. */
  prompt(text: string): Promise<void>;
  /** Opens the shell, types `command`, and waits until the screen shows `ready`. */
  run(command: string, ready: string): Promise<void>;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of a verb.
  adopt(): Promise<any>;
  state(wanted: string): Promise<void>;
  /** How often a text is in what the model was given by the end of the conversation. */
  reached(text: string): number;
  /** Sends bo a letter that may wake it; returns the letter's id. */
  send(body: string): Promise<string>;
  receipt(id: string): ReturnType<TeamRoom["receipt"]>;
  /** Waits for a receipt's state. */
  becomes(id: string, state: string): Promise<void>;
}

/** Sets up a room, a model and the program's home for each test of the caller's suite. */
export function byHand(kit: AgentKit): ByHand {
  let room: TeamRoom;
  let model: ScriptedModel;

  beforeEach(async () => {
    model = await startModel();
    room = new TeamRoom();
    const dir = join(room.base, "home");
    mkdirSync(dir);
    const home = kit.prepare({ dir, trusted: [room.root], modelUrl: model.url });
    const bin = join(room.base, "bin");
    mkdirSync(bin);
    symlinkSync(home.command, join(bin, kit.runtime));
    Object.assign(room.env, home.env, { PATH: `${bin}:${room.env.PATH}`, PS1: "$ " });
  });
  afterEach(async () => {
    await room.endServer("me");
    await room.close();
    await model.close();
  });

  const tmux = (...args: string[]) => {
    const options = { env: room.env, cwd: room.root, encoding: "utf8" as const };
    return execFileSync("tmux", ["-u", "-L", "me", ...args], options);
  };
  const screen = () => tmux("capture-pane", "-p", "-t", "%0");
  const type = (...keys: string[]) => void tmux("send-keys", "-t", "%0", ...keys);
  const receipt = (id: string) => room.receipt(id, "bo");
  return {
    room: () => room,
    model: () => model,
    screen,
    type,
    receipt,
    async prompt(text) {
      type("-l", text);
      await expect.poll(screen, SOON).toContain(text.slice(0, 30));
      await new Promise((done) => setTimeout(done, kit.settleMs ?? 0));
      type("Enter");
    },
    async run(command, ready) {
      tmux("-f", "/dev/null", "new-session", "-d", "-x", "140", "-y", "40", "bash", "--norc");
      type("-l", command);
      type("Enter");
      await expect.poll(screen, SOON).toContain(ready);
    },
    adopt: () => room.json("adopt", "%0", "--socket", "me", "--name", "bo"),
    state: (wanted) => room.becomes("bo", wanted, SOON.timeout, screen),
    reached: (text) => (model.main().at(-1)?.given ?? "").split(text).length - 1,
    async send(body) {
      const args = ["mail", "send", "--to", "bo", "--from", "lead", "--subject", "News", "--wake"];
      return (await room.json(...args, "--body", body)).id;
    },
    becomes: (id, state) => expect.poll(async () => (await receipt(id)).state, SOON).toBe(state),
  };
}
