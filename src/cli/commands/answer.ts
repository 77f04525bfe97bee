import { answerDialog } from "../../usecases/answer-dialog.ts";
import { liveSession } from "../live.ts";
import type { Register } from "../verbs.ts";

export const register: Register = (command, context) => {
  command
    .argument("<agent>", "its name")
    .argument("<option>", "its number, its label, or how the label begins")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
The dialog and its options: ov peek <agent>. Enter is pressed only when exactly this dialog stands
there with this option marked. Delivery never answers a dialog.

Examples:
  ov answer builder-1 1
  ov answer builder-1 "Yes, I trust this folder"
`,
    )
    .action(async (agent: string, choice: string) => {
      const session = liveSession(context, agent);
      const { dialog, label } = await answerDialog(await context.wake(), session, choice);
      await context.kick([agent]);
      const { kind, question } = dialog;
      const data = { agent, dialog: kind, question, option: label };
      await context.out.done("answer", data, `${agent}: "${question}" answered: ${label}`);
    });
};
