import type { Agent } from "./agent.ts";
import { type Checkpoint, formatHandoff } from "./checkpoint.ts";
import type { Note } from "./note.ts";
import { forTerminal, head } from "./text.ts";

export interface Priming {
  agent: Agent;
  checkpoint: Checkpoint | undefined;
  /** What others have kept for this agent, by a tag with its name. */
  notes: readonly Note[];
  unread: number;
}

/** Of the task's words, where they are to be short. */
const BRIEF = 1_500;

/**
 * What an agent must know at a session's start and after a compaction: who it is, its task, and
 * where the work stands. `isShort`: without what it can look up (commits, files, last words).
 */
export function formatPriming(
  { agent, checkpoint, notes, unread }: Priming,
  isShort: boolean,
): string {
  const { name, role, parent, task, branch, worktree } = agent;
  const place = branch && worktree ? `, on branch ${branch} in ${worktree}` : "";
  const boss = parent ? ` You report to ${parent}.` : "";
  const who = `You are ${name} (${role}), at task ${task ?? "-"}${place}.${boss}`;
  const words = agent.brief ?? "";
  const brief =
    words === "" ? "" : `The task as it was given:\n\n${isShort ? head(words, BRIEF) : words}`;
  const mail = unread > 0 ? `You have ${unread} unread: ov mail check` : "";
  const kept = notes.map(({ key, body }) => `- ${key}: ${body.replace(/\s*\n\s*/g, " ")}`);
  const memory = kept.length > 0 ? ["Notes for you:", ...kept].join("\n") : "";
  const shown = checkpoint && (isShort ? briefly(checkpoint) : checkpoint);
  const state = shown ? `Where your work stood:\n\n${formatHandoff(shown)}`.trim() : "";
  return forTerminal([who, brief, mail, memory, state].filter(Boolean).join("\n\n"));
}

const briefly = (checkpoint: Checkpoint): Checkpoint => ({
  ...checkpoint,
  commits: [],
  filesModified: [],
  lastWords: "",
});
