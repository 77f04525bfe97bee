import { formatPriming } from "../../domain/prime.ts";
import { primeAgent } from "../../usecases/prime-agent.ts";
import type { Register } from "../verbs.ts";

interface Options {
  agent?: string;
  compact?: boolean;
}

export const register: Register = (command, context) => {
  command
    .option("--agent <name>", "whose (default: $OV_AGENT)")
    .option("--compact", "only what cannot be looked up")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Who the agent is, its task, where its work stood, and the notes that others tagged with its name.

Example:
  ov prime --agent builder-1 --compact
`,
    )
    .action(async ({ agent: flag, compact }: Options) => {
      const name = context.named(flag);
      const priming = primeAgent(context.store, name);
      const text = formatPriming(priming, compact === true);
      const { checkpoint, unread } = priming;
      const data = { agent: name, text, checkpoint: checkpoint ?? null, unread };
      await context.out.done("prime", data, text);
    });
};
