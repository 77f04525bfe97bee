import { interruptAgent } from "../../usecases/interrupt-agent.ts";
import { liveSession } from "../live.ts";
import type { Register } from "../verbs.ts";
import { sendLetter } from "./mail/outgoing.ts";

export const register: Register = (command, context) => {
  command
    .argument("<agent>", "its name")
    .argument("[words...]", "a message that it is given once its turn has ended")
    .option("--from <name>", "the sender of the message (default: $OV_AGENT, else orchestrator)")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Presses Escape, and returns once the agent's turn is seen to have ended. The key is pressed only
while the agent works, with no dialog open and no draft in its composer. A person may do it, and
who started the agent.
Gemini CLI takes back the whole turn when Escape comes while a later answer streams: with its tools'
results, and its messages are given again.

Examples:
  ov interrupt builder-1
  ov interrupt builder-1 "Stop: use the old API"
`,
    )
    .action(async (agent: string, words: string[], { from }: { from?: string }) => {
      const { out } = context;
      const sender = context.identity(from);
      const session = liveSession(context, agent);
      const { interrupted, proof, note } = await interruptAgent(await context.wake(), session);
      const body = words.join(" ");
      const sent =
        body === ""
          ? undefined
          : await sendLetter(context, {
              ...{ sender, to: agent, type: "status", subject: "Interrupted", payload: null },
              ...{ priority: "urgent", wake: true, body: () => body },
            });
      if (!sent) await context.kick([agent]);
      const data = { agent, interrupted, proof, note: note ?? null, id: sent?.message.id ?? null };
      const text = [
        interrupted ? `${agent} is interrupted: ${proof}` : `${agent} was in no turn: ${proof}`,
        ...(interrupted && note ? [note] : []),
        ...(sent ? [`${sent.message.id} stored for ${agent}`] : []),
      ].join("\n");
      await out.done("interrupt", data, text);
    });
};
