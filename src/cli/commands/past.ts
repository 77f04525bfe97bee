import { formatAge } from "../../domain/duration.ts";
import { sayEnding } from "../../domain/ending.ts";
import { AppError } from "../../domain/errors.ts";
import { isoOrNull, isoTime } from "../../domain/time.ts";
import { findSession } from "../../usecases/find-by-id.ts";
import { askPast, pastSessions } from "../../usecases/past-sessions.ts";
import { type Context, now } from "../context.ts";
import { table } from "../table.ts";
import type { Register } from "../verbs.ts";

interface Options {
  ask?: string;
  session?: string;
}

function generationOf(store: Context["store"], agent: string, which: string): number {
  if (/^[1-9]\d*$/.test(which)) return Number(which);
  const session = findSession(store, which);
  if (session?.agent === agent) return session.generation;
  throw new AppError("not_found", `${agent} has no session "${which}"`, `ov past ${agent}`);
}

export const register: Register = (command, context) => {
  command
    .argument("<agent>", "its name")
    .option("--ask <question>", "put a question to one of them")
    .option(
      "--session <session>",
      "which one: its number, its id or how that begins (default: the newest that can answer)",
    )
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
The sessions that an agent has had, and how each ended. A question is answered by the program's own
conversation in a fork of it that may change nothing: the session, the agent and the files stay as
they are (Claude Code, Codex, Gemini CLI, OpenCode).

Examples:
  ov past builder-1
  ov past builder-1 --session 1 --ask "Why did you drop the cache?"
`,
    )
    .action(async (name: string, { ask, session: which }: Options) => {
      const { store, out } = context;
      if (ask !== undefined) {
        const generation = which === undefined ? undefined : generationOf(store, name, which);
        const { session, answer } = await askPast(await context.past(), name, ask, generation);
        const data = { agent: name, session: session.generation, answer };
        return out.done("past", data, answer);
      }
      const sessions = pastSessions(store, name).map((one) => ({
        session: one.generation,
        runtime: one.runtime,
        startedAt: isoTime(one.startedAt),
        endedAt: isoOrNull(one.endedAt),
        how: one.ending?.detail ?? "runs",
        ending: one.ending,
        runtimeSession: one.runtimeSession,
        transcript: one.transcript,
      }));
      const rows = sessions.map((one) => [
        `${one.session}`,
        one.runtime,
        `${formatAge(now() - Date.parse(one.startedAt))} ago`,
        one.ending ? sayEnding(one.ending) : "runs",
      ]);
      const text =
        rows.length === 0
          ? `${name} has had no session`
          : table(["SESSION", "RUNTIME", "STARTED", "ENDED"], rows);
      await out.done("past", { agent: name, sessions }, text);
    });
};
