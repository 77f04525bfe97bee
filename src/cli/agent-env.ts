import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";
import type { Session } from "../domain/agent.ts";
import type { Config } from "../domain/config.ts";
import { type Surroundings, surroundings, type Variables } from "../domain/environment.ts";
import type { AgentEnv, AgentPlace } from "../usecases/begin-session.ts";
import type { TeamTools } from "../usecases/observe-agent.ts";

/** Tells two projects of one name, or on one tmux server, apart. */
export const folderHash = (root: string): string =>
  createHash("sha256").update(root).digest("hex").slice(0, 8);

/** The private tmux server of a project: its name for people, a hash against clashes. */
export function socketName(project: string, root: string): string {
  const hash = folderHash(root);
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

interface AgentHome {
  root: string;
  bin: string;
  env: NodeJS.ProcessEnv;
  /** `env.keep` of the settings. */
  keep: readonly string[];
  /** What is told to a person. */
  warn: (text: string) => void;
  /** What was kept of an agent's last start. */
  lastKept: (agent: string) => Variables | undefined;
}

/** `start`: by what the caller has. `again`: by what was kept. `carrier`: by that alone. */
export type StartMode = "start" | "again" | "carrier";

/** The environment of the agents that this process starts; the same at each question. */
export function agentEnv({ root, bin, env, keep, warn, lastKept }: AgentHome, mode: StartMode) {
  const decided = new Map<string, Surroundings>();
  const decide = ({ agent, variables }: AgentPlace): Surroundings => {
    const known = decided.get(agent);
    // A carrier goes on for weeks, and its agents are started by others meanwhile.
    if (known && mode !== "carrier") return known;
    const kept = mode === "start" ? undefined : lastKept(agent);
    const own = [...variables, ...keep];
    const made = surroundings({ caller: env, kept, own, isPerson: mode !== "carrier" });
    if (made.newer.length > 0) {
      warn(`${agent}: newer than at its last start, and taken from here: ${made.newer.join(", ")}`);
    }
    decided.set(agent, made);
    return made;
  };
  return (place: AgentPlace): AgentEnv => {
    const { agent, task, worktree, path } = place;
    const { kept, once } = decide(place);
    const PATH = kept.PATH ?? "/usr/local/bin:/usr/bin:/bin";
    const ours = { OV_AGENT: agent, OV_ROOT: root, OV_WORKTREE: worktree, OV_TASK: task };
    const theirs = {
      OVERSTORY_AGENT_NAME: agent,
      OVERSTORY_PROJECT_ROOT: root,
      OVERSTORY_WORKTREE_PATH: worktree,
      OVERSTORY_TASK_ID: task,
    };
    return {
      kept,
      once,
      env: { PATH: [...path, dirname(bin), PATH].join(":"), ...ours, ...theirs },
    };
  };
}
