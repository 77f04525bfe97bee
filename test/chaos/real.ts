import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { observe } from "../../src/usecases/observe-agent.ts";
import { claudeKit } from "../agents/claude-room.ts";
import { codexKit } from "../agents/codex-room.ts";
import type { AgentKit } from "../agents/kit.ts";
import { startModel } from "../model/server.ts";
import type { Casting, Status } from "./subject.ts";

export const KITS: Readonly<Record<string, AgentKit>> = { claude: claudeKit, codex: codexKit };

/** Where the program's name in tmux is not the runtime's. */
const PROGRAMS: Readonly<Record<string, string>> = { codex: "node", gemini: "node" };

/** A pinned agent program against a model on this machine; all that the model is sent is kept. */
export function realSubject(kit: AgentKit): Casting {
  return async (room) => {
    const model = await startModel();
    const dir = join(room.base, "home");
    mkdirSync(dir);
    const home = kit.prepare({ dir, trusted: [room.root], modelUrl: model.url });
    Object.assign(room.env, home.env);
    mkdirSync(join(room.base, "tools"));
    const command = join(room.base, "tools", kit.runtime);
    symlinkSync(home.command, command);
    const ask = kit.ask ?? "RUN: touch made-by-dialog";
    // Where each session's requests begin; a conversation is told whole in its last request.
    const starts: number[] = [];
    const lastOf = (i: number) =>
      model
        .main()
        .filter(({ n }) => n > starts[i]! && n <= (starts[i + 1] ?? Infinity))
        .at(-1);
    return {
      runtime: kit.runtime,
      command,
      args: home.args,
      program: PROGRAMS[kit.runtime] ?? kit.runtime,
      began: () => void starts.push(model.requests.at(-1)?.n ?? 0),
      given: () =>
        starts.flatMap((_, log) => {
          const request = lastOf(log);
          return request
            ? [{ at: request.at, text: request.given, source: "conversation", log }]
            : [];
        }),
      firstGiven: (mark) => model.main().find(({ given }) => given.includes(mark))?.at,
      forget: () => void starts.splice(0, starts.length - 1),
      async status(world): Promise<Status> {
        const { live } = world;
        if (!live) return "gone";
        const { state } = (await observe(world.tools, live)).state;
        if (state === "dead" || state === "exited") return "gone";
        return state === "idle" || state === "waiting" || state === "starting" ? state : "busy";
      },
      // Shell commands of a schedule would each ask first; these are allowed, or meant to ask.
      prompt: (text, word) =>
        text.startsWith("ASK")
          ? ask
          : text === "RUN: true"
            ? `hello there ${word}`
            : text.startsWith("RUN")
              ? text
              : `${text} ${word}`,
      answered: "made-by-dialog",
      clear: kit.clear ?? ["C-u"],
      proofLeadMs: 1_000,
      can: ({ do: what }) => what !== "hang",
      close: () => model.close(),
    };
  };
}
