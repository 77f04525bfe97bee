import { AppError } from "../domain/errors.ts";
import type { TeamTools } from "./observe-agent.ts";

/** A program whose pane was closed just now takes a moment to end. */
const END_MS = 3_000;
const END_POLL_MS = 50;

/**
 * The one place that keeps an agent to one program: whatever the store says of its sessions, one
 * that runs refuses the next. Throws `refused` with its process and what to type.
 */
export async function refuseSecond(
  { launcher, now }: Pick<TeamTools, "launcher" | "now">,
  agents: readonly string[],
): Promise<void> {
  const deadline = now() + END_MS;
  for (const name of new Set(agents)) {
    for (;;) {
      const [first] = launcher.living(name);
      if (!first) break;
      if (now() >= deadline || now() < deadline - END_MS) {
        const message = `${name} has a program that runs: process ${first.pid}; none is started beside it`;
        throw new AppError("refused", message, `end it: ov stop ${name}`);
      }
      await new Promise((done) => setTimeout(done, END_POLL_MS));
    }
  }
}
