import { formatAge } from "../../domain/duration.ts";
import { sayEnding } from "../../domain/ending.ts";
import { askPast, pastSessions } from "../../usecases/past-sessions.ts";
import { now } from "../context.ts";
import { positive } from "../options.ts";
import { table } from "../table.ts";
import type { Register } from "../verbs.ts";

interface Options {
  ask?: string;
  session?: number;
}

export const register: Register = (command, context) => {
  command
    .argument("<agent>", "its name")
    .option("--ask <question>", "put a question to one of them")
    .option("--session <n>", "which one (default: the newest that can answer)", positive)
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
    .action(async (name: string, { ask, session: generation }: Options) => {
      const { store, out } = context;
      if (ask !== undefined) {
        const { session, answer } = await askPast(await context.past(), name, ask, generation);
        const data = { agent: name, session: session.generation, answer };
        return out.done("past", data, answer);
      }
      const sessions = pastSessions(store, name).map((one) => ({
        session: one.generation,
        runtime: one.runtime,
        startedAt: new Date(one.startedAt).toISOString(),
        endedAt: one.endedAt === null ? null : new Date(one.endedAt).toISOString(),
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
