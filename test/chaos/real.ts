import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { observe } from "../../src/usecases/observe-agent.ts";
import type { AgentKit } from "../agents/kit.ts";
import { startModel } from "../model/server.ts";
import { holdUp } from "./hold-up.ts";
import type { Casting, Status } from "./subject.ts";

/** Where the program's name in tmux is not the runtime's. */
const PROGRAMS: Readonly<Record<string, string>> = { codex: "node", gemini: "node" };

/** Where a `!` in front is no letter but a mode, which stays when the text is gone; Esc leaves it. */
const SHELL_MODES = new Set(["codex", "gemini", "opencode"]);

/**
 * So long after a request nothing on disk may tell of it: Claude Code 2.1.329 writes in batches,
 * of Codex 0.169.0, Gemini CLI 0.61.0 and OpenCode 1.18.33 only the answer proves a call. One killed in it
 * leaves a letter of which nobody can tell whether the model has it. It goes to the next session.
 */
const UNWRITTEN_MS: Readonly<Record<string, number>> = {
  claude: 200,
  codex: 1_000,
  gemini: 1_000,
  opencode: 1_000,
};
/** A request that was on its way is in the model's log by then; a later one is of a survivor. */
const ENDED_MS = 500;

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
    const unwrittenMs = UNWRITTEN_MS[kit.runtime] ?? 0;
    const hasShellMode = SHELL_MODES.has(kit.runtime);
    const ask = kit.ask ?? "RUN: touch made-by-dialog";
    // Where each session's requests begin, and when it was killed.
    const sessions: { from: number; killedAt?: number }[] = [];
    const requestsOf = (i: number) =>
      model
        .main()
        .filter(({ n }) => n > sessions[i]!.from && n <= (sessions[i + 1]?.from ?? Infinity));
    return {
      runtime: kit.runtime,
      command,
      args: home.args,
      program: PROGRAMS[kit.runtime] ?? kit.runtime,
      isProgram: (words) => words.includes(command),
      began: () => undefined,
      begins: () => void sessions.push({ from: model.requests.at(-1)?.n ?? 0 }),
      killed() {
        const session = sessions.at(-1);
        if (session) session.killedAt ??= Date.now();
      },
      // A conversation is told whole in its last request, and in the last that was not cut.
      given: () =>
        sessions.flatMap(({ killedAt }, log) => {
          const isCut = (at: number) =>
            unwrittenMs > 0 &&
            killedAt !== undefined &&
            at > killedAt - unwrittenMs &&
            at < killedAt + ENDED_MS;
          const requests = requestsOf(log);
          const told = new Set([requests.findLast(({ at }) => !isCut(at)), requests.at(-1)]);
          return [...told].flatMap((request) => {
            if (!request) return [];
            const { at, given: text } = request;
            return [{ at, text, source: "conversation", log, isCut: isCut(at) }];
          });
        }),
      firstGiven: (mark) => model.main().find(({ given }) => given.includes(mark))?.at,
      forget: () => void sessions.splice(0, sessions.length - 1),
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
      clear: (draft) => [
        ...(kit.clear ?? ["C-u"]),
        ...(hasShellMode && draft.startsWith("!") ? ["Escape"] : []),
      ],
      settleMs: kit.settleMs ?? 0,
      proofLeadMs: 1_000,
      hang: holdUp,
      close: () => model.close(),
    };
  };
}
