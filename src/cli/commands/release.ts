import { releaseAgent } from "../../usecases/release-agent.ts";
import type { Register } from "../verbs.ts";

export const register: Register = (command, context) => {
  command
    .argument("<agent>", "its name")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
The program and its pane are not touched. Letters that wait stay, and go to the name's next session.

Example:
  ov release bo
`,
    )
    .action(async (name: string) => {
      const { waiting } = await releaseAgent(await context.adopt(), name);
      const mail = waiting > 0 ? `; ${waiting} letters wait for its next session` : "";
      const text = `${name} released; its program goes on${mail}`;
      await context.out.done("release", { agent: name, waiting }, text);
    });
};
