import type { Agent } from "../../domain/agent.ts";
import { ORCHESTRATOR } from "../../domain/name.ts";
import type { StartMode } from "../agent-env.ts";
import type { Context } from "../context.ts";
import type { giveTrust } from "./trust.ts";

/** What stands before everything of `.overture` that runs a program or speaks to an agent. */
export interface Trusting {
  /** Throws `refused` unless it may; asks the person at a terminal, but for `quiet`. */
  trusted(quiet?: boolean): Promise<void>;
  /** `ov trust`. */
  trust(choice: { yes: boolean; folder: boolean }): ReturnType<typeof giveTrust>;
  /** The prompts of roles, trusted anew at each: while a carrier lives, a pull may change them. */
  trustedRole(mode: StartMode): (agent: Agent) => Promise<string>;
}

export function trusting(context: () => Context): Trusting {
  const load = () => import("./trust.ts");
  const trusted = async (quiet?: boolean) => (await load()).checkTrust(context(), quiet);
  return {
    trusted,
    trust: async (choice) => (await load()).giveTrust(context(), choice),
    trustedRole: (mode) => async (agent) => {
      await trusted(mode === "carrier");
      const { name, role, task, parent } = agent;
      const values = { agent: name, task: task ?? "", parent: parent ?? ORCHESTRATOR };
      return context().rolePrompt(role, values);
    },
  };
}
