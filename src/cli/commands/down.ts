import { AppError } from "../../domain/errors.ts";
import { now, pause } from "../context.ts";
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
      const pid = context.carrierPid();
      if (pid === undefined) {
        return context.out.done("down", { wasRunning: false }, "no carrier runs");
      }
      process.kill(pid, "SIGTERM");
      const deadline = now() + END_MS;
      while (context.carrierPid() === pid) {
        if (now() >= deadline) throw new AppError("timeout", `process ${pid} does not end`);
        await pause(LOOK_MS);
      }
      await context.out.done("down", { wasRunning: true, pid }, "the carrier has ended");
    });
};
