import { limitsOf } from "../../domain/config.ts";
import { sendMail } from "../../usecases/send-mail.ts";
import { liveSession } from "../live.ts";
import type { Register } from "../verbs.ts";

export const register: Register = (command, context) => {
  command
    .argument("<agent>", "its name")
    .argument("[message]", "a short letter; without it, waiting mail wakes the agent")
    .option("--from <name>", "the sender (default: $OV_AGENT, else orchestrator)")
    .option("--force", "accepted: ov nudge always tries now, and leaves out no guard")
    .option("--json", "print JSON only")
    .addHelpText("after", '\nExample:\n  ov nudge builder-1 "Please report where you are"\n')
    .action(async (agent: string, message: string | undefined, options: { from?: string }) => {
      const { store, out } = context;
      liveSession(context, agent);
      const config = await context.config();
      const sender = context.identity(options.from);
      const draft = {
        sender,
        by: context.caller(),
        to: agent,
        type: "status" as const,
        subject: "Nudge",
        body: message ?? "",
        payload: null,
        priority: "high" as const,
      };
      const sent = message ? sendMail(store, draft, limitsOf(config)) : undefined;
      // Waiting letters may wake the agent from now on, at once.
      const waiting = store.mail.arouse(agent);
      await context.kick([agent]);
      const what = sent ? `${sent.message.id} stored` : `${waiting} letters wait`;
      const data = { agent, id: sent?.message.id ?? null, waiting };
      await out.done("nudge", data, `${agent} will be woken when it is idle: ${what}`);
    });
};
