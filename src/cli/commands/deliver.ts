import { deliverAll, deliverOnce } from "../../usecases/deliver-mail.ts";
import { guardBudget } from "../../usecases/guard-budget.ts";
import { budgetCosts } from "../context/costs.ts";
import type { Register } from "../verbs.ts";

export const register: Register = (command, context) => {
  command
    .option("--once", "one round only")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Goes on until no letter waits to wake a running agent and no proof is awaited. One a project.

Example:
  ov deliver --once --json
`,
    )
    .action(async ({ once }: { once?: boolean }) => {
      const tools = { ...(await context.wake()), replaced: await context.replacement() };
      // A carrier looks by itself; without one nobody would see a limit raised.
      if (context.carrierPid() === undefined) {
        const notify = await context.notifier();
        await guardBudget({ ...tools, notify, costs: await budgetCosts(context) });
      }
      if (once) {
        const round = await deliverOnce(tools);
        const text = `woken: ${round.woken.join(", ") || "nobody"}; held: ${round.held.join(", ") || "nobody"}`;
        return context.out.done("deliver", round, text);
      }
      const ran = await deliverAll(tools);
      const text = ran ? "nothing is left to deliver" : "another ov delivers already";
      return context.out.done("deliver", { ran }, text);
    });
};
