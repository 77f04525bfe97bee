import { AppError } from "../../domain/errors.ts";
import { type Context, now, pause } from "../context.ts";
import type { Register } from "../verbs.ts";

const START_MS = 15_000;
const LOOK_MS = 50;

export const register: Register = (command, context) => {
  command
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Starts the carrier (ov watch) in a window of its own in the project's tmux; ov down ends it.

Example:
  ov up && ov status
`,
    )
    .action(() => startCarrier(context, "up"));
};

export async function startCarrier(context: Context, command: string): Promise<void> {
  const before = context.carrierPid();
  if (before !== undefined) {
    return context.out.done(command, { pid: before, started: false }, "the carrier runs already");
  }
  await context.startCarrier();
  const deadline = now() + START_MS;
  while (context.carrierPid() === undefined) {
    if (now() >= deadline) {
      throw new AppError("timeout", "the carrier did not start", "see what it says: ov watch");
    }
    await pause(LOOK_MS);
  }
  const pid = context.carrierPid();
  await context.out.done(command, { pid, started: true }, `the carrier runs (process ${pid})`);
}
