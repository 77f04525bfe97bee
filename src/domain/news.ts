import { cleanHeader, head } from "./text.ts";

/** Something that a person should know now. */
export interface News {
  kind: "waiting" | "lost" | "stalled" | "near_budget" | "over_budget";
  agent: string;
  /** The dialog's question, or what was seen or used, in words for a person. */
  detail: string;
}

const WORDS: Record<News["kind"], { says: string; type: (agent: string) => string }> = {
  waiting: { says: "waits for you", type: (agent) => `ov answer ${agent}` },
  lost: { says: "was lost", type: (agent) => `ov explain ${agent}` },
  stalled: { says: "does not move", type: (agent) => `ov peek ${agent}` },
  near_budget: { says: "is near its budget", type: () => "ov costs" },
  over_budget: { says: "is over its budget", type: () => "ov costs" },
};

const DETAIL_MAX = 200;

/** A line about it, and the command that a person types next. */
export function newsWords({ kind, agent, detail }: News): { line: string; command: string } {
  const { says, type } = WORDS[kind];
  const what = head(cleanHeader(detail), DETAIL_MAX);
  return { line: `${agent} ${says}${what ? `: ${what}` : ""}`, command: type(agent) };
}

/** For a status line: nothing while nobody waits. */
export function waitingWords(agents: readonly string[]): string {
  if (agents.length === 0) return "";
  return `${agents.length} ${agents.length === 1 ? "waits" : "wait"} for you: ${agents.join(", ")}`;
}
