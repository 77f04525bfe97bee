import { AppError } from "../../domain/errors.ts";
import { liveSession } from "../live.ts";
import type { Register } from "../verbs.ts";

export const register: Register = (command, context) => {
  command
    .argument("[agent]", "its name (default: the first that runs)")
    .option("--print", "print the tmux command instead of running it")
    .option("--json", "with --print: print JSON only")
    .addHelpText(
      "after",
      `
Leave with the prefix key (Ctrl+B) and d; the agent goes on.

Example:
  ov attach builder-1
`,
    )
    .action(async (name: string | undefined, { print }: { print?: boolean }) => {
      const agent = name ?? context.store.sessions.live()[0]?.agent;
      if (!agent) throw new AppError("not_found", "no agent is running", "start one: ov sling");
      const { terminal } = await context.team();
      const argv = terminal.attachCommand(liveSession(context, agent).pane);
      if (print) return context.out.done("attach", { argv }, argv.join(" "));
      if (!process.stdout.isTTY) {
        throw new AppError("usage", "attach needs a terminal", `run: ${argv.join(" ")}`);
      }
      // Another program's code could be one that means something else here.
      process.exitCode = (await context.interactive(argv)) === 0 ? 0 : 1;
    });
};
