import * as z from "zod/mini";
import { formatPriming } from "../../domain/prime.ts";
import { primeAgent } from "../../usecases/prime-agent.ts";
import { saveCheckpoint } from "../../usecases/save-checkpoint.ts";
import { lookAtTeam, teamTable } from "../commands/status.ts";
import { optional, told } from "./fields.ts";
import { type Tool, tool } from "./tool.ts";

export const teamTools: readonly Tool[] = [
  tool({
    name: "checkpoint",
    description: "Write down where your work stands, for your next session",
    shape: z.strictObject({
      summary: told(optional, "what is done"),
      pending: told(optional, "what is left"),
    }),
    async run({ context, agent }, said) {
      const { id, isNew } = await saveCheckpoint(await context.checkpoint(), agent, "manual", said);
      return {
        text: isNew ? `saved as ${id}` : `nothing new since ${id}`,
        data: { id, new: isNew },
      };
    },
  }),
  tool({
    name: "prime",
    description: "Who you are, your task, where the work stood, notes for you",
    shape: z.strictObject({}),
    isReadOnly: true,
    run: ({ context: { store }, agent }) => ({
      text: formatPriming(primeAgent(store, agent), false),
    }),
  }),
  tool({
    name: "team",
    verb: "status",
    description: "Who is there: role, state, task, unread",
    shape: z.strictObject({}),
    isReadOnly: true,
    async run({ context }) {
      const statuses = await lookAtTeam(context, false);
      const agents = statuses.map(({ agent, state, detail, unread }) => ({
        agent: agent.name,
        name: agent.name,
        role: agent.role,
        // A person or another machine has no state that is known here.
        ...(agent.kind === "local" ? { state } : { kind: agent.kind }),
        ...(state === "waiting" || state === "error" ? { detail } : {}),
        ...(agent.task === null ? {} : { task: agent.task }),
        unread,
      }));
      return { text: teamTable(statuses), data: { agents } };
    },
  }),
];
