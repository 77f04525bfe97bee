import type { Hooks } from "./hooks.ts";
import type { Planner } from "./plan.ts";
import type { SessionRecord } from "./record.ts";
import type { Tool } from "./tool.ts";
import type { Transcript } from "./transcript.ts";

export interface TurnOptions {
  agent: string;
  system: string | undefined;
  /** See `Habits`. */
  stopBlocks: number;
  tellsQueue: boolean;
  hooks: Hooks;
  planner: Planner;
  record: SessionRecord;
  transcript: Transcript;
  tool: Tool;
  /** Puts text back into the composer. */
  restore(text: string): void;
  /** Ends the program; nothing of the turn happens after it. */
  exit(code: number): Promise<never>;
  /** A fault of this program. */
  fail(error: unknown): void;
}
