import { lastKept } from "../../adapters/environment-file.ts";
import { agentEnv, type StartMode } from "../agent-env.ts";
import type { Context } from "../context.ts";

/** What the agents that this process starts have as their environment. */
export async function environmentOf(context: Context, mode: StartMode) {
  const { root, home } = context.project;
  const { bin, env, out } = context;
  const { keep } = (await context.config()).env;
  const decided = {
    root,
    bin,
    env,
    keep,
    warn: out.warn,
    lastKept: (a: string) => lastKept(home, a),
  };
  return agentEnv(decided, mode);
}
