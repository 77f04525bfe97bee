import type { Call } from "../domain/usage.ts";

/** What a transcript tells of calls, and how many of its lines could not be read. */
export interface Usage {
  calls: readonly Call[];
  broken: number;
}

/**
 * Reads a transcript (see `TranscriptHas`); undefined when it is not there. The same function asked
 * again reads on where it ended. A line that is being written counts next time.
 */
export type ReadUsage = (transcript: string) => Promise<Usage | undefined>;
