import { AppError } from "../../domain/errors.ts";
import { lostAgents, type Resumed, resumeAgent } from "../../usecases/resume-agent.ts";
import type { Register } from "../verbs.ts";

interface Options {
  all?: boolean;
  fresh?: boolean;
}

export const register: Register = (command, context) => {
  command
    .argument("[agent]", "its name")
    .option("--all", "every agent whose session nobody ended: after a crash or a reboot")
    .option("--fresh", "from the checkpoint, without the program's own conversation")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
The same names, worktrees and tasks, each in a new session: the program goes on with its own
conversation where it still has it, else it begins with the checkpoint. Whom you stopped, whose
program you quit or whose pane you closed is left alone by --all; name it to bring it back.

Examples:
  ov resume --all
  ov resume builder-1 --fresh
`,
    )
    .action(async (name: string | undefined, { all, fresh }: Options) => {
      if (!name === !all) throw new AppError("usage", "whom?", "ov resume <agent> | --all");
      const tools = await context.succession();
      const resumed: Resumed[] = [];
      const failed: { agent: string; error: string }[] = [];
      for (const one of name ? [name] : await lostAgents(tools)) {
        try {
          resumed.push(await resumeAgent(tools, one, fresh ?? false));
        } catch (error) {
          // One that cannot be brought back keeps no other one from it.
          if (name || !(error instanceof AppError)) throw error;
          failed.push({ agent: one, error: error.message });
        }
      }
      await context.kick(resumed.map(({ agent }) => agent));
      const agents = resumed.map((one) => ({
        agent: one.agent,
        how: one.how,
        ...(one.how === "running" ? {} : { why: one.why, sessionId: one.session.id }),
      }));
      const lines = [
        ...resumed.map(say),
        ...failed.map(({ agent, error }) => `${agent}: ${error}`),
      ];
      const failure =
        failed.length > 0
          ? new AppError("refused", "not everybody came back", "see above")
          : undefined;
      const text = lines.join("\n") || "Nobody's session was lost";
      await context.out.done("resume", { agents, failed }, text, failure);
    });
};

const HOW = {
  running: "runs",
  resumed: "goes on with its conversation",
  primed: "begins anew with its checkpoint",
};

const say = (one: Resumed) =>
  one.how === "running" ? `${one.agent} runs already` : `${one.agent} ${HOW[one.how]} (${one.why})`;
