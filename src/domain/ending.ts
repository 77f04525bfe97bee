/** Exit code of a session whose program was never run: whoever started it was killed. */
export const UNBORN = 75;

/** A person quits a program (0), with Ctrl+C (130), or asks it to end (HUP 129, TERM 143). */
const ON_PURPOSE: readonly number[] = [0, 129, 130, 143];

const ASKED_FOR = /^(stopped|released|handed over: (manual|compaction))$/;

/** Whether a session ended, for this reason of the store's, because somebody told us to end it. */
export const wasAskedFor = (reason: string): boolean => ASKED_FOR.test(reason);

/** How a session ended: on purpose, by whoever did it, or not. */
export const isCrash = (exitCode: number): boolean => !ON_PURPOSE.includes(exitCode);
