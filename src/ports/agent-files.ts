/** Files of an agent that outlive its sessions, for people and other tools to read. */
export interface AgentFiles {
  /** Replaces the file as a whole; a reader sees the old text or the new one. Returns its path. */
  write(agent: string, file: "checkpoint.json" | "handoff.md", text: string): string;
}

/** The text that the agent said last in a transcript (see `TranscriptHas`); "" where none is. */
export type LastWords = (transcript: string) => Promise<string>;
