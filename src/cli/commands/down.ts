import { AppError } from "../../domain/errors.ts";
import { type Context, now, pause } from "../context.ts";
import type { Register } from "../verbs.ts";

const END_MS = 15_000;
const LOOK_MS = 50;

export const register: Register = (command, context) => {
  command
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Ends the carrier that ov up started. Agents go on, and mail is still delivered: every ov call that
finds work starts a dispatcher for it.

Example:
  ov down
`,
    )
    .action(async () => {
      const pid = await endCarrier(context);
      const text = pid === undefined ? "no carrier runs" : "the carrier has ended";
      const data = pid === undefined ? { wasRunning: false } : { wasRunning: true, pid };
      await context.out.done("down", data, text);
    });
};

/** Its process, once it has ended; undefined: none ran. Throws `timeout`. */
export async function endCarrier(context: Context): Promise<number | undefined> {
  const pid = context.carrierPid();
  if (pid === undefined) return undefined;
  process.kill(pid, "SIGTERM");
  const deadline = now() + END_MS;
  while (context.carrierPid() === pid) {
    if (now() >= deadline) throw new AppError("timeout", `process ${pid} does not end`);
    await pause(LOOK_MS);
  }
  return pid;
}
