import { AppError, nearest } from "../../../domain/errors.ts";
import { limitOption } from "../../options.ts";
import type { Register } from "../../verbs.ts";
import { show } from "./view.ts";

export const register: Register = (command, context) => {
  command
    .argument("[target]", "an agent, a task or a letter's id; without it, everybody")
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
      if (store.mail.get(target)) return show(context, "trace", { message: target, limit }, false);
      const agents = store.agents.list();
      const agent = agents.find(({ name, task }) => name === target || task === target)?.name;
      if (agent) return show(context, "trace", { agent, limit }, false);
      const known = agents.flatMap(({ name, task }) => [name, ...(task ? [task] : [])]);
      const near = nearest(target, known);
      const hint = near ? `did you mean "${near}"?` : `known: ${known.join(", ")}`;
      throw new AppError("not_found", `no agent, task or letter is called "${target}"`, hint);
    });
};
