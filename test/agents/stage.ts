import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { type ScriptedModel, startModel } from "../model/server.ts";
import { TeamRoom, until } from "../team-room.ts";
import type { AgentKit } from "./kit.ts";

const START_MS = 150_000;
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** One real agent named bo, at work in a room of its own. */
export interface Stage {
  room: TeamRoom;
  model: ScriptedModel;
  /** What sling said. */
  slung: string;
  /** How often a text is in what the model was given by the end of the conversation. */
  reached(text: string): number;
  /** Sends bo a letter that may wake it; returns the letter's id. */
  send(body: string, ...more: string[]): Promise<string>;
  /** A person's keys in bo's pane. */
  type(...keys: string[]): void;
  /** A person's prompt: typed, seen, submitted. */
  prompt(text: string): Promise<void>;
  /** Waits for the state of bo, or of another; a failure shows what `ov explain` and the pane say. */
  is(state: string, name?: string): Promise<unknown>;
  held(id: string, reason: string): Promise<unknown>;
  seen(id: string): Promise<{ door: string; proof: string }>;
  /** Ends the room and the model. */
  strike(): Promise<void>;
}

/** Makes the room, starts bo with the first prompt `hello`, and waits until it is in this state. */
export async function setTheStage(
  kit: AgentKit,
  {
    isTrusted = true,
    answers = {},
    config = "",
    state = "idle",
  }: { isTrusted?: boolean; answers?: object; config?: string; state?: string } = {},
): Promise<Stage> {
  const model = await startModel();
  const room = new TeamRoom();
  const dir = join(room.base, "home");
  mkdirSync(dir);
  const home = kit.prepare({ dir, trusted: isTrusted ? [room.root] : [], modelUrl: model.url });
  Object.assign(room.env, home.env);
  // A path with a space: tmux cuts the program's name there.
  mkdirSync(join(room.base, "my tools"));
  const command = join(room.base, "my tools", kit.runtime);
  symlinkSync(home.command, command);
  const settings = JSON.stringify({ command, args: home.args, answers });
  room.configure(`runtimes:\n  ${kit.runtime}: ${settings}\n${config}`);

  const type = (...keys: string[]) => void room.tmux("send-keys", "-t", "=bo:", ...keys);
  const is = (state: string, name = "bo", ms?: number) => room.becomes(name, state, ms);
  const receipt = (id: string) => room.receipt(id, "bo");
  const stage: Stage = {
    room,
    model,
    slung: "",
    reached: (text) => (model.main().at(-1)?.given ?? "").split(text).length - 1,
    async send(body, ...more) {
      const args = ["mail", "send", "--to", "bo", "--subject", "News", "--body", body, "--wake"];
      return (await room.json(...args, ...more)).id;
    },
    type,
    async prompt(text) {
      type("-l", text);
      await until(
        "the prompt",
        () => room.screen("bo"),
        (now) => now.includes(text.slice(0, 30)),
      );
      await pause(kit.settleMs ?? 0);
      type("Enter");
    },
    is,
    held: (id, reason) =>
      until(
        `held ${reason}`,
        () => receipt(id),
        (now) => now.reason === reason,
      ),
    seen: (id) =>
      until(
        `${id} seen`,
        () => receipt(id),
        (now) => now.state === "seen",
      ),
    async strike() {
      await room.close();
      await model.close();
    },
  };
  try {
    const sling = ["sling", "t-1", "--name", "bo", "--runtime", kit.runtime, "--prompt", "hello"];
    const { code, stdout, stderr } = await room.ov(sling);
    if (code !== 0 && code !== 4) throw new Error(`${code}: ${stderr}${stdout}`);
    stage.slung = stdout;
    await is(state, "bo", START_MS);
    return stage;
  } catch (error) {
    await stage.strike();
    throw error;
  }
}
