import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentKit } from "../agents/kit.ts";
import { KITS } from "../agents/kits.ts";
import { setTheStage } from "../agents/stage.ts";
import { TeamRoom, until } from "../team-room.ts";

/** bo, scripted or real, at the task that `brief` names. */
export interface Scene {
  room: TeamRoom;
  brief: string;
  /** A person's prompt in bo's pane. */
  prompt(text: string): Promise<void>;
  /** What the model is given by the first request of bo's newest session, once there is one. */
  first(): Promise<string>;
  /** What the model is given from now on, up to its last request. */
  mark(): () => string;
  strike(): Promise<void>;
}

export async function setScene(runtime: string): Promise<Scene> {
  const kit = KITS[runtime];
  return kit ? real(kit) : scripted();
}

/** A session's number, by its newest folder. */
export const generation = (room: TeamRoom): number => {
  let n = 1;
  while (existsSync(room.session("bo", n + 1))) n++;
  return n;
};

export const pidOf = (room: TeamRoom, n = generation(room)): number =>
  Number(readFileSync(join(room.session("bo", n), "pid"), "utf8"));

async function scripted(): Promise<Scene> {
  const room = new TeamRoom();
  const brief = "build-it-4471";
  await room.json("sling", "t-1", "--name", "bo", "--prompt", brief);
  await room.becomes("bo", "idle");
  const given = (n: number) =>
    room.requests("bo", n).map((one) => one.new.map(({ text }) => text).join("\n"));
  const has = (n: number) => existsSync(join(room.session("bo", n), "home", "requests.jsonl"));
  return {
    room,
    brief,
    async prompt(text) {
      room.tmux("send-keys", "-t", "=bo:", "-l", text);
      await until(
        "the prompt",
        () => room.screen("bo"),
        (now) => now.includes(text.slice(0, 30)),
      );
      room.tmux("send-keys", "-t", "=bo:", "Enter");
    },
    async first() {
      await until(
        "a request",
        () => has(generation(room)) && given(generation(room)).length > 0,
        Boolean,
      );
      return given(generation(room))[0]!;
    },
    mark() {
      const before = given(generation(room)).length;
      return () => given(generation(room)).slice(before).join("\n");
    },
    strike: () => room.close(),
  };
}

async function real(kit: AgentKit): Promise<Scene> {
  const stage = await setTheStage(kit);
  const { room, model } = stage;
  const startOf = (n: number) => {
    const go = join(room.session("bo", n), "go");
    return existsSync(go) ? Number(readFileSync(go, "utf8")) : Number.POSITIVE_INFINITY;
  };
  return {
    room,
    brief: "hello",
    prompt: stage.prompt,
    async first() {
      const since = () => model.main().filter(({ at }) => at > startOf(generation(room)));
      return (await until("a request", since, (all) => all.length > 0))[0]!.given;
    },
    mark() {
      const before = model.main().length;
      return () => model.main().slice(before).at(-1)?.given ?? "";
    },
    strike: () => stage.strike(),
  };
}
