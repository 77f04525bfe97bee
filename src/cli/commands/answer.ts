import { answerDialog, lookAtDialog } from "../../usecases/answer-dialog.ts";
import { dialogJson, dialogText } from "../dialog-view.ts";
import { liveSession } from "../live.ts";
import type { Register } from "../verbs.ts";

export const register: Register = (command, context) => {
  command
    .argument("<agent>", "its name")
    .argument(
      "[option]",
      "its number, its label, or how the label begins; without it, they are listed",
    )
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Without an option it lists what there is to choose, and presses nothing. Enter is pressed only when exactly this dialog stands
there with this option marked. Delivery never answers a dialog. A person may answer; with
answer.byParent in the config also who started the agent, but no dialog that asks for a permission.

Examples:
  ov answer builder-1
  ov answer builder-1 1
  ov answer builder-1 "Yes, I trust this folder"
`,
    )
    .action(async (agent: string, choice: string | undefined) => {
      const session = liveSession(context, agent);
      if (choice === undefined) {
        const dialog = await lookAtDialog(await context.team(), session);
        const data = { agent, ...dialogJson(agent, dialog) };
        return context.out.done("answer", data, dialogText(agent, dialog));
      }
      const never = context.asks().is === "agent" ? "permission" : undefined;
      const tools = await context.wake();
      const { dialog, label } = await answerDialog(tools, session, choice, undefined, never);
      await context.kick([agent]);
      const { kind, question } = dialog;
      const data = { agent, dialog: kind, question, option: label };
      await context.out.done("answer", data, `${agent}: "${question}" answered: ${label}`);
    });
};
