import { AppError } from "../domain/errors.ts";
import type { Made } from "../domain/start.ts";
import type { Repo } from "../ports/repo.ts";
import { alone } from "./alone.ts";
import { keepHandoff, lastHandoff } from "./handoff-record.ts";
import { pidOf } from "./lease.ts";
import type { TeamTools } from "./observe-agent.ts";

export interface TakeBackTools extends TeamTools {
  repo: Repo;
  /** Tells a person what was found and done, beside the result. */
  tell: (text: string) => void;
}

/** What a start had made and is gone now, and what stays because somebody has worked on it. */
export interface TakenBack {
  agent: string;
  gone: string[];
  kept: string[];
}

/** Does the work of a start; what it has made is written down before, and taken back if it fails. */
export async function recorded<T>(
  tools: TakeBackTools,
  made: Made,
  work: () => Promise<T>,
): Promise<T> {
  const { store, owner } = tools;
  store.starts.put(made, owner);
  try {
    const result = await work();
    store.starts.remove(made.agent);
    return result;
  } catch (error) {
    await tryTakeBack(tools, made);
    throw error;
  }
}

/** What cannot be taken back now stays written down, and is tried again by the next start. */
async function tryTakeBack(tools: TakeBackTools, made: Made): Promise<void> {
  try {
    const { kept } = await takeBack(tools, made);
    if (kept.length > 0) tools.tell(`kept of the start that failed: ${kept.join("; ")}`);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    tools.tell(`the start of ${made.agent} left something behind (${error.message}): ov doctor`);
  }
}

/** Starts that were killed before their program could run. */
export const brokenStarts = ({ store, isAlive }: Pick<TeamTools, "store" | "isAlive">): Made[] =>
  store.starts
    .list()
    .filter(({ owner }) => !isAlive(pidOf(owner)))
    .map(({ made }) => made);

/** Takes back what starts that were killed have made, and says so. Nothing waits for it. */
export async function takeBackBroken(tools: TakeBackTools): Promise<TakenBack[]> {
  const done: TakenBack[] = [];
  for (const { agent } of brokenStarts(tools)) {
    try {
      // Another `ov` may have done it meanwhile.
      await alone(tools, agent, async () => {
        const made = brokenStarts(tools).find((one) => one.agent === agent);
        if (made) done.push(await takeBackOne(tools, made));
      });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      tools.tell(`a start of ${agent} was killed, and is not taken back yet: ${error.message}`);
    }
  }
  return done;
}

async function takeBackOne(tools: TakeBackTools, made: Made): Promise<TakenBack> {
  const { store, launcher } = tools;
  const session = store.sessions.get(made.session);
  if (session && launcher.hasBegun(session)) {
    store.starts.remove(made.agent);
    return { agent: made.agent, gone: [], kept: [] };
  }
  const result = await takeBack(tools, made);
  const gone = result.gone.length > 0 ? `; removed: ${result.gone.join(", ")}` : "";
  const kept = result.kept.length > 0 ? `; kept: ${result.kept.join("; ")}` : "";
  tools.tell(`a start of ${made.agent} was killed before its program ran${gone}${kept}`);
  return result;
}

/**
 * Takes back all that this start has made, whatever of it is there: pane, program, session, files,
 * worktree, branch, agent. Work is never removed: where the worktree has changes, the agent stays.
 * The caller holds the agent's `spawn` lease, or is the one that made it.
 */
export async function takeBack(tools: TakeBackTools, made: Made): Promise<TakenBack> {
  const { store, terminal, launcher, repo } = tools;
  const { agent } = made;
  const session = store.sessions.get(made.session);
  if (session && !(await launcher.terminate(session))) {
    throw new AppError("refused", `the program of ${agent} does not end`, `look: ov peek ${agent}`);
  }
  const pane = session?.pane ?? (await terminal.named(made.socket, agent));
  if (pane?.mark === made.session) await terminal.close(pane);
  const { gone, kept } = await repo.undo(made);
  if (kept.length > 0) {
    if (session) store.sessions.end(session.id, { kind: "crashed", detail: "its start failed" });
    store.starts.remove(agent);
  } else {
    for (const folder of launcher.folders(agent)) {
      if (!made.folders.includes(folder)) launcher.removeFolder(agent, folder);
    }
    store.notes.together(() => forget(tools, made));
  }
  store.events.add("start.taken_back", { agent, data: { session: made.session, gone, kept } });
  return { agent, gone, kept };
}

function forget({ store }: TakeBackTools, made: Made): void {
  const { agent, session, prior, before, letter } = made;
  if (letter) store.mail.withdraw(letter);
  store.sessions.remove(session);
  if (prior) {
    store.sessions.restore(prior);
    const record = lastHandoff(store, agent);
    if (record?.toSessionId === session)
      keepHandoff(store, agent, { ...record, toSessionId: null });
  }
  if (before === null) store.agents.remove(agent);
  else {
    const { name, createdAt, ...rest } = before;
    store.agents.put(before);
    store.agents.update(name, rest);
  }
  store.starts.remove(agent);
}
