import type { Agent, Session } from "../domain/agent.ts";
import type { LetterHead } from "../domain/checkpoint.ts";
import {
  type Checkpoint,
  formatHandoff,
  lastPart,
  type Moment,
  sameWork,
} from "../domain/checkpoint.ts";
import { AppError, unknownWord } from "../domain/errors.ts";
import type { Message } from "../domain/message.ts";
import { maskSecrets } from "../domain/reply-line.ts";
import { cleanBody } from "../domain/text.ts";
import { isoTime } from "../domain/time.ts";
import type { AgentFiles, LastWords } from "../ports/agent-files.ts";
import type { Repo } from "../ports/repo.ts";
import type { Store } from "../ports/store.ts";

export interface CheckpointTools {
  store: Store;
  repo: Repo;
  now: () => number;
  files: AgentFiles;
  lastWords: LastWords;
}

export interface Said {
  summary?: string | undefined;
  pending?: string | undefined;
}

export interface Saved {
  checkpoint: Checkpoint;
  /** False when the same was saved before. */
  isNew: boolean;
  /** `<agent>@<version>`, for `ov rollback --checkpoint`. */
  id: string;
}

const KIND = "checkpoint";
const LETTERS = 100;

/**
 * Writes down where an agent's work stands: from git, the store and the transcript, and what the
 * agent itself says. The note in the store is the truth; `checkpoint.json` and `handoff.md` in the
 * agent's folder are copies. Throws `not_found` for an unknown agent, `refused` for one that never
 * had a session.
 */
export async function saveCheckpoint(
  tools: CheckpointTools,
  name: string,
  moment: Moment,
  said: Said = {},
): Promise<Saved> {
  const { store, files } = tools;
  const agent = store.agents.get(name);
  if (!agent) throw unknownAgent(store, name);
  const session = store.sessions.lastOf(name);
  if (!session) {
    throw new AppError("refused", `${name} never had a session`, "ov sling <task> --name <agent>");
  }
  const facts = await gather(tools, agent, session, moment);
  // Another one may have been saved since this one began: its words count here.
  const saved = store.notes.together(() => {
    const before = lastCheckpoint(store, name);
    const made = { ...facts, ...words(said, before, facts.taskId) };
    const isNew = !before || !sameWork(before, made);
    const body = JSON.stringify(made);
    if (isNew) store.notes.put({ kind: KIND, key: name, agent: name, body });
    // Who asked for it is told, also where nothing is new.
    if (isNew || moment === "manual") {
      store.events.add("checkpoint.saved", { agent: name, data: { moment, session: session.id } });
    }
    const { version } = store.notes.get(KIND, name)!;
    return { checkpoint: isNew ? made : before, isNew, id: `${name}@${version}` };
  });
  // The newest of all, in the order in which they were saved.
  store.notes.together(() => {
    const newest = lastCheckpoint(store, name)!;
    files.write(name, "checkpoint.json", `${JSON.stringify(newest, null, 2)}\n`);
    files.write(name, "handoff.md", formatHandoff(newest));
  });
  return saved;
}

/** What the agent said of this task counts until it says something else. */
function words(
  { summary, pending }: Said,
  before: Checkpoint | undefined,
  task: string,
): Pick<Checkpoint, "progressSummary" | "pendingWork"> {
  const old = before?.taskId === task ? before : undefined;
  const own = (text: string | undefined) =>
    text === undefined ? undefined : cleanBody(text).trim();
  return {
    progressSummary: own(summary) ?? old?.progressSummary ?? "",
    pendingWork: own(pending) ?? old?.pendingWork ?? "",
  };
}

/** When a checkpoint was written (Unix ms): `bo@3`, or `bo` for the newest. Throws `not_found`. */
export function checkpointTime({ notes }: Store, id: string): number {
  const [name = "", version] = id.split("@", 2);
  const newest = notes.get(KIND, name);
  if (!newest) throw unknownWord("checkpoint", id, notes.touched(KIND, 0));
  if (version === undefined) return newest.createdAt;
  const note = notes.version(KIND, name, Number(version));
  if (note) return note.createdAt;
  const when = isoTime(newest.createdAt).slice(0, 16);
  const last = `${name}@${newest.version}`;
  throw new AppError("not_found", `there is no checkpoint ${id}`, `the newest is ${last}, ${when}`);
}

/** The same where nothing may depend on it: what goes wrong becomes an event. */
export async function trySaveCheckpoint(
  tools: CheckpointTools,
  name: string,
  moment: Moment,
): Promise<void> {
  try {
    await saveCheckpoint(tools, name, moment);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    tools.store.events.add("checkpoint.failed", { agent: name, data: { moment, cause } });
  }
}

/** The newest one of an agent, from any of its sessions. */
export function lastCheckpoint(store: Store, name: string): Checkpoint | undefined {
  const note = store.notes.get(KIND, name);
  return note && (JSON.parse(note.body) as Checkpoint);
}

export const unknownAgent = (store: Store, name: string) =>
  unknownWord(
    "agent",
    name,
    store.agents.list().map((known) => known.name),
  );

/** What is known without the agent's own words, which are left empty. */
async function gather(
  tools: CheckpointTools,
  agent: Agent,
  session: Session,
  moment: Moment,
): Promise<Checkpoint> {
  const { store, now } = tools;
  const { name } = agent;
  const text = session.transcript === null ? "" : await tools.lastWords(session.transcript);
  const lastWords = lastPart(maskSecrets(cleanBody(text)).trim());
  return {
    agentName: name,
    taskId: agent.task ?? "",
    sessionId: session.id,
    timestamp: new Date(now()).toISOString(),
    progressSummary: "",
    ...(await work(tools.repo, agent)),
    pendingWork: "",
    mulchDomains: [],
    moment,
    worktree: agent.worktree ?? "",
    unacked: store.mail.unacked(name).map(({ message }) => head(message)),
    asked: unanswered(store, name),
    unread: store.mail.count(name).queued,
    lastWords,
  };
}

type Work = Pick<Checkpoint, "filesModified" | "currentBranch" | "commits" | "uncommitted">;

/** What git knows of an agent's branch and worktree; nothing where it has none. */
async function work(repo: Repo, { worktree, branch, baseBranch }: Agent): Promise<Work> {
  const nothing = { filesModified: [], currentBranch: branch ?? "", commits: [], uncommitted: [] };
  if (!worktree || !branch || !baseBranch || !(await repo.tip(baseBranch))) return nothing;
  const { dirty, unmerged } = await repo.unsaved(worktree, branch, baseBranch);
  const inCommits = (await repo.tip(branch)) ? await repo.changedFiles(branch, baseBranch) : [];
  return {
    filesModified: [...new Set([...inCommits, ...dirty])].sort(),
    currentBranch: branch,
    commits: unmerged,
    uncommitted: dirty,
  };
}

const head = ({ id, sender, type, subject }: Message): LetterHead => ({
  id,
  from: sender,
  type,
  subject,
});

/** Its questions to which nobody has answered in their thread. */
function unanswered(store: Store, name: string): LetterHead[] {
  const questions = store.mail.list({ sender: name, type: "question", limit: LETTERS });
  return questions
    .filter(({ message }) => {
      const thread = store.mail.thread(message.thread);
      return !thread.some(({ message: m }) => m.replyTo === message.id && m.sender !== name);
    })
    .map(({ message }) => head(message));
}
