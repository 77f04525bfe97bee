import { forTerminal, oneLine } from "./text.ts";

/** When a checkpoint was written: at a turn's end, by a hook, by a person, or for a dead agent. */
export type Moment = "turn" | "compaction" | "session_end" | "manual" | "handoff" | "crash";

export interface LetterHead {
  id: string;
  from: string;
  type: string;
  subject: string;
}

/**
 * Where an agent's work stands, so that its next session can go on. The first nine fields are a
 * contract with other tools; paths are relative to the worktree, times ISO 8601.
 */
export interface Checkpoint {
  agentName: string;
  taskId: string;
  sessionId: string;
  timestamp: string;
  /** What the agent said it has done, else its last words. */
  progressSummary: string;
  /** In commits of the branch or in none yet. */
  filesModified: string[];
  currentBranch: string;
  /** What the agent said is left. */
  pendingWork: string;
  mulchDomains: string[];
  moment: Moment;
  worktree: string;
  /** Commits of the branch, one line each, newest first. */
  commits: string[];
  /** Files with changes that are in no commit. */
  uncommitted: string[];
  /** Seen, and not answered. */
  unacked: LetterHead[];
  /** Its own questions without an answer. */
  asked: LetterHead[];
  unread: number;
  /** The end of what it said last. */
  lastWords: string;
}

const LISTED = 40;
const WORDS = 2_000;

/** All but the time and the occasion: two that are the same in this need no second version. */
export function sameWork(a: Checkpoint, b: Checkpoint): boolean {
  const work = ({ timestamp: _, moment: __, ...rest }: Checkpoint) => JSON.stringify(rest);
  return work(a) === work(b);
}

/** The end of a long text, from the beginning of a line where there is one. */
export function lastPart(text: string, max = WORDS): string {
  if (text.length <= max) return text;
  const end = text.slice(-max).toWellFormed();
  const line = end.indexOf("\n");
  return `…${line >= 0 && line < max / 2 ? end.slice(line) : end}`;
}

/** The same for people and agents, in Markdown. What letters and agents said stands as quotes. */
export function formatHandoff(checkpoint: Checkpoint): string {
  const c = checkpoint;
  const letters = (all: readonly LetterHead[]) =>
    all.map(({ id, from, type, subject }) => `- ${id} from ${from} (${type}): ${subject}`);
  const parts = [
    [`# ${c.agentName}: task ${c.taskId || "-"}`],
    [
      `- Written: ${c.timestamp} (${c.moment.replace("_", " ")}), session ${c.sessionId}`,
      `- Worktree: ${c.worktree}`,
      `- Branch: ${c.currentBranch}`,
      ...(c.unread > 0 ? [`- Unread letters: ${c.unread} (they come by themselves)`] : []),
    ],
    section("Done", c.progressSummary === "" ? [] : [quote(c.progressSummary)]),
    section("Left", c.pendingWork === "" ? [] : [quote(c.pendingWork)]),
    section("Commits", list(c.commits)),
    section("Changed files", list(c.filesModified)),
    section("In no commit yet", list(c.uncommitted)),
    section("Letters without your answer", letters(c.unacked)),
    section("Your questions without an answer", letters(c.asked)),
    section("Last words", c.lastWords === c.progressSummary ? [] : [quote(c.lastWords)]),
  ];
  const text = parts
    .filter((part) => part.length > 0)
    .map((part) => part.join("\n"))
    .join("\n\n");
  return forTerminal(`${text}\n`);
}

function section(title: string, lines: string[]): string[] {
  const real = lines.filter((line) => line.trim() !== "" && line.trim() !== ">");
  return real.length === 0 ? [] : [`## ${title}`, "", ...real];
}

/** A quote, so that no line of it can be taken for a heading of ours. */
const quote = (text: string) => text.replace(/^/gm, "> ").replace(/ +$/gm, "");

function list(items: readonly string[]): string[] {
  const more = items.length > LISTED ? [`- … and ${items.length - LISTED} more`] : [];
  return [...items.slice(0, LISTED).map((item) => `- ${oneLine(item)}`), ...more];
}
