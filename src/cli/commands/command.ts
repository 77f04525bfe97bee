import { commandAgent } from "../../usecases/command-agent.ts";
import { liveSession } from "../live.ts";
import type { Register } from "../verbs.ts";

export const register: Register = (command, context) => {
  command
    .argument("<agent>", "its name")
    .argument("<words...>", "the command and what belongs to it, as /compact")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Types a command of the agent's own program, and returns once the program shows that it took it. It
is typed only into the empty composer of an idle agent: never into a dialog, a draft or a shell.
Which commands a program is known for stands on its page in docs/. Only a person may do it.

Examples:
  ov command builder-1 /compact
  ov command builder-1 /compact keep what the tests taught you
`,
    )
    .action(async (agent: string, words: string[]) => {
      const session = liveSession(context, agent);
      const done = await commandAgent(await context.wake(), session, words.join(" "));
      const text = `${agent} took ${done.command}: ${done.proof}`;
      await context.out.done("command", { agent, typed: done.command, proof: done.proof }, text);
    });
};
