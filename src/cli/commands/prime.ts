import { formatPriming } from "../../domain/prime.ts";
import { lastCheckpoint, unknownAgent } from "../../usecases/save-checkpoint.ts";
import type { Register } from "../verbs.ts";

interface Options {
  agent?: string;
  compact?: boolean;
}

const NOTES = 10;

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
      const { store, out } = context;
      const name = context.identity(flag);
      const agent = store.agents.get(name);
      if (!agent) throw unknownAgent(store, name);
      const checkpoint = lastCheckpoint(store, name);
      const notes = store.notes.find({ tags: [name.toLowerCase()], limit: NOTES });
      const unread = store.mail.count(name).queued;
      const text = formatPriming({ agent, checkpoint, notes, unread }, compact === true);
      const data = { agent: name, text, checkpoint: checkpoint ?? null, unread };
      await out.done("prime", data, text);
    });
};
