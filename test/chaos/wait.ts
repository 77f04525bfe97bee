export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

const POLL_MS = 15;

/** Waits for a fact; throws with its name. */
export async function until(
  what: string,
  fact: () => boolean | Promise<boolean>,
  ms: number,
): Promise<void> {
  if (!(await holds(fact, ms))) throw new Error(`${what}: not within ${ms} ms`);
}

/** Whether a fact came true within `ms`. */
export async function holds(
  fact: () => boolean | Promise<boolean>,
  ms: number,
  poll = POLL_MS,
): Promise<boolean> {
  const deadline = Date.now() + ms;
  while (!(await fact())) {
    if (Date.now() > deadline) return false;
    await pause(poll);
  }
  return true;
}
