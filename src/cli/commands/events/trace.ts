import { AppError, nearest } from "../../../domain/errors.ts";
import { meant } from "../../../domain/short-id.ts";
import { findLetter, findSession } from "../../../usecases/find-by-id.ts";
import { limitOption } from "../../options.ts";
import type { Register } from "../../verbs.ts";
import { show } from "./view.ts";

export const register: Register = (command, context) => {
  command
    .argument(
      "[target]",
      "an agent, or the id of a task, message or session (or how it begins); without it, everybody",
    )
    .addOption(limitOption(200))
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
What happened to it, oldest first. Of a letter: each move of its deliveries.

Examples:
  ov trace builder-1
  ov trace msg-1m7y1p6b82eh68n0
`,
    )
    .action(async (target: string | undefined, { limit }: { limit: number }) => {
      const { store } = context;
      if (target === undefined) return show(context, "trace", { limit }, false);
      const agents = store.agents.list();
      const named = agents.find(({ name, task }) => name === target || task === target);
      if (named) return show(context, "trace", { agent: named.name, limit }, false);
      const message = findLetter(store, target)?.message.id;
      if (message) return show(context, "trace", { message, limit }, false);
      const session = findSession(store, target);
      const tasks = agents.filter(({ task }) => task?.startsWith(target));
      const agent = session?.agent ?? meant("task", target, tasks, ({ task }) => task ?? "")?.name;
      const since = session?.startedAt;
      if (agent) return show(context, "trace", { agent, since, limit }, false);
      const known = agents.flatMap(({ name, task }) => [name, ...(task ? [task] : [])]);
      const near = nearest(target, known);
      const hint = near ? `did you mean "${near}"?` : `known: ${known.join(", ")}`;
      throw new AppError(
        "not_found",
        `no agent, task, message or session is called "${target}"`,
        hint,
      );
    });
};
