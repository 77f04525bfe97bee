import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";
import type { Session } from "../domain/agent.ts";
import type { Config } from "../domain/config.ts";
import type { AgentPlace } from "../usecases/begin-session.ts";
import type { TeamTools } from "../usecases/observe-agent.ts";

/** The private tmux server of a project: its name for people, a hash against clashes. */
export function socketName(project: string, root: string): string {
  const hash = createHash("sha256").update(root).digest("hex").slice(0, 8);
  return `overture-${project}-${hash}`;
}

/** Where the team is: the server that has its agents, whatever folder of sockets the caller has. */
export function teamSocket(
  { tmux, project }: Config,
  root: string,
  { store, terminal }: Pick<TeamTools, "store" | "terminal">,
): string {
  const name = tmux?.socket ?? socketName(project.name, root);
  const isHere = ({ adopted, pane }: Session) => !adopted && basename(pane.socket) === name;
  const live = store.sessions.live().filter(isHere);
  return live.find(({ pane }) => terminal.serves(pane))?.pane.socket ?? name;
}

interface AgentHome extends AgentPlace {
  root: string;
  bin: string;
  env: NodeJS.ProcessEnv;
}

/** What an agent's programs find: ours, and the names that older prompts use. */
export function agentEnv({ agent, task, worktree, path, root, bin, env }: AgentHome) {
  return {
    PATH: [...path, dirname(bin), env.PATH ?? "/usr/local/bin:/usr/bin:/bin"].join(":"),
    OV_AGENT: agent,
    OV_ROOT: root,
    OV_WORKTREE: worktree,
    OV_TASK: task,
    OVERSTORY_AGENT_NAME: agent,
    OVERSTORY_PROJECT_ROOT: root,
    OVERSTORY_WORKTREE_PATH: worktree,
    OVERSTORY_TASK_ID: task,
  };
}
