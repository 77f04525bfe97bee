import { randomBytes } from "../../adapters/random.ts";
import { newId } from "../../domain/message.ts";

export const now = Date.now;
export const makeId = (prefix: string): string => newId(prefix, now(), randomBytes);
export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
export const every = (ms: number, work: () => void): (() => void) => {
  const timer = setInterval(work, ms);
  return () => clearInterval(timer);
};
