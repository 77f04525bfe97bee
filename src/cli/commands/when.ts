import { parseDuration } from "../../domain/duration.ts";
import { AppError, unknownWord } from "../../domain/errors.ts";
import { GOALS } from "../../domain/goal.ts";
import { awaitGoal, fireWatches } from "../../usecases/watch-agent.ts";
import { now } from "../context.ts";
import { oneOf } from "../options.ts";
import type { Register } from "../verbs.ts";

interface WhenOptions {
  mail?: string | true;
  timeout: string;
}

export const register: Register = (command, context) => {
  command
    .argument("<agent>", "its name")
    .argument("<goal>", "idle, waiting (for a person) or done (it reported, or ended)")
    .option("--mail [name]", "do not wait: one letter to this name (default: you) when it is so")
    .option("--timeout <duration>", "how long to wait without --mail", "10m")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Waits until it is so, and ends; exit code 5 when the time is over. With --mail it returns at once,
and one letter comes, however often you ask. Idle is not done.

Examples:
  ov when builder-1 done && ov merge --all
  ov when builder-2 waiting --mail orchestrator
`,
    )
    .action(async (agent: string, word: string, { mail, timeout }: WhenOptions) => {
      const { store, out } = context;
      const goal = oneOf("goal", word, GOALS);
      const known = store.agents.list().map(({ name }) => name);
      if (!known.includes(agent)) throw unknownWord("agent", agent, known);
      if (mail !== undefined) {
        const subscriber = context.identity(mail === true ? undefined : mail);
        if (!known.includes(subscriber)) throw unknownWord("agent", subscriber, known);
        const isNew = store.watches.add(agent, goal, subscriber);
        if (store.sessions.liveOf(agent)) await context.kick([agent]);
        else fireWatches(await context.team(), new Map(), new Map());
        const words = `${subscriber} will be told once when ${agent} is ${goal}`;
        const text = isNew ? words : `${words} (asked before)`;
        return out.done("when", { agent, goal, subscriber, new: isNew }, text);
      }
      const watch = await context.watchStore();
      const deadline = now() + parseDuration(timeout, "--timeout");
      const team = await context.team();
      const words = await awaitGoal(team, agent, goal, deadline, watch.changed);
      const failure =
        words === undefined
          ? new AppError(
              "timeout",
              `${agent} is not ${goal} after ${timeout}`,
              `ov explain ${agent}`,
            )
          : undefined;
      const data = { agent, goal, reached: words !== undefined, detail: words ?? null };
      await out.done("when", data, words ? `${agent} ${words}` : "", failure);
    });
};
