import { AppError } from "../../domain/errors.ts";
import type { Event } from "../../domain/event.ts";
import { sayEvent } from "../../domain/happening.ts";
import { carryTeam } from "../../usecases/carry-team.ts";
import { budgetCosts } from "../context/costs.ts";
import { RESTART } from "../context/dispatch.ts";
import type { Register } from "../verbs.ts";
import { startCarrier } from "./up.ts";

const TOLD = "it was told to end";
/** As when tmux ends, in which it has a window. */
const CLOSED = "its terminal was closed, or its tmux server ended";

const clock = (at: number) => new Date(at).toTimeString().slice(0, 8);

export const register: Register = (command, context) => {
  command
    .option("--background", "in a window of its own, as ov up does")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
The carrier, in this terminal: letters go out the moment they are stored, every agent is looked at
every ten seconds, and you are told when one waits for you: a bell, the status line of the team's
tmux, a notice on the desktop (tell and notify in the config). What happens is printed, a line each.
Ctrl+C ends it; nothing is lost without it. One a project.

Example:
  ov watch
`,
    )
    .action(async ({ background }: { background?: boolean }) => {
      if (background) return startCarrier(context, "watch");
      const over = new Promise<string>((done) => {
        for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => done(TOLD));
        process.on("SIGHUP", () => done(CLOSED));
      });
      const tools = await context.carrier(over);
      const subjectOf = (id: string) => context.store.mail.get(id)?.message.subject;
      const happened = (event: Event) => {
        if (event.kind === "carrier.started" && !context.out.json) {
          context.out.warn(`ov: carrying ${context.project.root}`);
        }
        const line = sayEvent(event, subjectOf);
        if (line !== undefined) context.out.note(`${clock(event.at)}  ${line}`);
      };
      try {
        await carryTeam({ ...tools, happened, costs: await budgetCosts(context) });
      } catch (error) {
        if (!(error instanceof AppError) || error.kind !== "newer_database") throw error;
        context.out.warn(`ov: ${error.message}: this carrier ends, and the newer one takes over`);
        process.exitCode = RESTART;
        return;
      } finally {
        // Nobody looks any more.
        await tools.waiting?.([]);
      }
      await context.out.done("watch", { ended: true }, "ov: the carrier has ended");
    });
};
