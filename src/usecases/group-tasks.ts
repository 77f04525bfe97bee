import { nearest, unknownWord } from "../domain/errors.ts";
import { workOf } from "../domain/merge.ts";
import { checkTaskId } from "../domain/name.ts";
import type { Store } from "../ports/store.ts";

export type TaskState = "completed" | "inProgress" | "blocked" | "open";

/** A group whose members are tasks: how far they are. It is closed once all are completed. */
export interface Batch {
  total: number;
  completed: number;
  inProgress: number;
  blocked: number;
  open: number;
  closed: boolean;
  tasks: { taskId: string; state: TaskState }[];
}

const LETTERS = 1_000;

/**
 * The members of a group as they may stand together: agents, or tasks. Throws `not_found` for a
 * name that is neither, as beside an agent, or so near to an agent's name that it is a slip.
 */
export function checkMembers(store: Store, names: readonly string[], before: readonly string[]) {
  const known = store.agents.list().map((agent) => agent.name);
  const isAgents = [...before, ...names].some((name) => known.includes(name));
  for (const name of names) {
    if (known.includes(name)) continue;
    if (isAgents || nearest(name, known) !== undefined) throw unknownWord("agent", name, known);
    checkTaskId(name);
  }
}

/** Undefined for a group of agents. */
export function batchOf(store: Store, members: readonly string[]): Batch | undefined {
  const agents = store.agents.list();
  if (members.length === 0 || members.some((one) => agents.some(({ name }) => name === one))) {
    return undefined;
  }
  const done = completed(store);
  const stateOf = (task: string): TaskState => {
    if (done.has(task)) return "completed";
    const at = agents.filter((agent) => agent.task === task);
    return at.some(({ name }) => store.sessions.liveOf(name)) ? "inProgress" : "open";
  };
  const tasks = members.map((taskId) => ({ taskId, state: stateOf(taskId) }));
  const count = (state: TaskState) => tasks.filter((task) => task.state === state).length;
  const total = tasks.length;
  return {
    total,
    completed: count("completed"),
    inProgress: count("inProgress"),
    blocked: count("blocked"),
    open: count("open"),
    closed: count("completed") === total,
    tasks,
  };
}

/** Tasks whose worker said that it is done, or whose branch was merged. */
function completed(store: Store): Set<string> {
  const said = (["worker_done", "merged"] as const).flatMap((type) =>
    store.mail.list({ type, limit: LETTERS }).map(({ message }) => message.payload),
  );
  const told = said.flatMap((payload) => {
    const { taskId, exitCode = 0 } = JSON.parse(payload ?? "{}");
    return typeof taskId === "string" && exitCode === 0 ? [taskId] : [];
  });
  const merged = store.events.find({ kind: "merge.merged", limit: LETTERS }).flatMap(({ data }) => {
    const work = workOf(String(JSON.parse(data ?? "{}").branch));
    return work ? [work.task] : [];
  });
  return new Set([...told, ...merged]);
}
