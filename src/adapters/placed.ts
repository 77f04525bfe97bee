import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "../domain/agent.ts";
import type { Caller } from "../domain/caller.ts";
import { isElsewhere, mayLive } from "./alive.ts";
import type { Above } from "./ancestors.ts";
import { listIfThere, readIfThere } from "./files.ts";
import { sha256 } from "./sha256.ts";

/** What the store knows of sessions; see `SessionStore`. */
export interface Roll {
  near(pids: readonly number[], table: string | undefined): Session[];
  byKey(hash: string): Session | undefined;
  isLocal(agent: string): boolean;
}

type Agent = Extract<Caller, { is: "agent" }>;

/** Who called this process, by what is above it; `as`: the name that its environment gives. */
export function placedBy(roll: Roll, above: Above, as: string | undefined): Caller {
  const { processes, table } = above;
  const near = roll.near(
    processes.map(({ pid }) => pid),
    table,
  );
  const [far, here] = apart(near, table);
  const found = inTree(here, above) ?? byKey(roll, above);
  if (found) return found;
  const away = far.find(({ dir }) => existsSync(join(dir, "pid")));
  if (away) return outside(join(away.dir, "pid"));
  const isClaimed = as !== undefined && roll.isLocal(as);
  if (isClaimed) return { is: "agent", name: as, session: null, found: "environment" };
  return processes[0]?.key === undefined ? { is: "person", as } : STRANGER;
}

/** Sessions whose numbers count in another table of processes, and the others. */
function apart(
  sessions: readonly Session[],
  table: string | undefined,
): [far: Session[], here: Session[]] {
  // Where no /proc is mounted, nothing tells that this is the same table: then it is none.
  const isFar = ({ pane: { serverBorn = "" } }: Session) =>
    table === undefined ? serverBorn.includes(" pid:[") : isElsewhere(serverBorn);
  return [sessions.filter(isFar), sessions.filter((one) => !isFar(one))];
}

function inTree(sessions: readonly Session[], { processes }: Above): Agent | undefined {
  const programs = new Map(sessions.filter(({ adopted }) => adopted).map((s) => [pidIn(s.dir), s]));
  for (const [n, { pid }] of processes.entries()) {
    const pane = sessions.find((one) => !one.adopted && one.pane.panePid === pid);
    // A pane's first process is its server's child: a later one of its number is not.
    if (pane && processes[n + 1]?.pid === pane.pane.serverPid) return agentOf(pane, `pane ${pid}`);
    const program = programs.get(pid);
    if (program && isThis(program.dir, pid)) return agentOf(program, `program ${pid}`);
  }
  return undefined;
}

const agentOf = ({ agent, id }: Session, found: string): Agent => ({
  ...{ is: "agent", name: agent, session: id, found },
});

/** Its own key, or that of whoever started it: an emptied environment has a full one above it. */
function byKey(roll: Roll, { processes }: Above): Agent | undefined {
  for (const key of new Set(processes.flatMap((one) => one.key ?? []))) {
    const session = roll.byKey(sha256(key));
    if (session) return agentOf(session, "key");
  }
  return undefined;
}

const pidIn = (dir: string) => Number(readIfThere(join(dir, "pid")) ?? 0);

function isThis(dir: string, pid: number): boolean {
  const started = readIfThere(join(dir, "started"))?.trim();
  return started === undefined || mayLive(pid, started);
}

/**
 * The same without the store, for what must go on where it is broken or not there: by the files of
 * the project's folder, and by what the processes above say of themselves.
 */
export function placedByFiles(home: string, root: string, { processes }: Above): Caller {
  const marked = processes.find((one) => one.root === root && one.agent !== undefined);
  const pids = new Set(processes.map(({ pid }) => pid));
  for (const [agent, dir] of sessionFolders(home)) {
    if (existsSync(join(dir, "exit"))) continue;
    const pid = pidIn(dir);
    const started = readIfThere(join(dir, "started")) ?? "";
    const found = `program ${pid}`;
    if (isElsewhere(started.trim())) {
      if (!marked) return outside(join(dir, "pid"));
    } else if (pids.has(pid) && isThis(dir, pid)) {
      return { is: "agent", name: agent, session: null, found };
    }
  }
  if (!marked?.agent) return { is: "person" };
  const found = marked.key === undefined ? "environment" : "key";
  return { is: "agent", name: marked.agent, session: null, found };
}

function sessionFolders(home: string): [agent: string, dir: string][] {
  const agents = join(home, "agents");
  return listIfThere(agents).flatMap((agent) =>
    listIfThere(join(agents, agent))
      .filter((name) => /^\d+(\.\d+)?$/.test(name))
      .map((name): [string, string] => [agent, join(agents, agent, name)]),
  );
}

const outside = (file: string): Caller => ({
  is: "outside",
  why: "this process has process numbers of its own (a container or a sandbox), so that nobody can tell whether an agent started it, and it carries no session's key",
  hint: `call ov where the agents run, outside of the sandbox (of a container: docker exec); if the agents' own container is gone: rm ${file}`,
});

const STRANGER: Caller = {
  is: "outside",
  why: "this process carries the key of a session that is none of this project's",
  hint: "an agent of another project may read here; a person calls ov in a shell that no agent started",
};
