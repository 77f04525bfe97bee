import { AppError } from "../../domain/errors.ts";
import { type CleanedRow, cleanWorktrees } from "../../usecases/clean-worktrees.ts";
import { trySaveCheckpoint } from "../../usecases/save-checkpoint.ts";
import { stopAgent, stoppable } from "../../usecases/stop-agent.ts";
import { worktreeTools } from "../context/worktrees.ts";
import type { Context } from "../context.ts";
import type { Register } from "../verbs.ts";
import { cleanedText } from "./worktree.ts";

interface StopOptions {
  all?: boolean;
  force?: boolean;
  cleanWorktree?: boolean;
}

export const register: Register = (command, context) => {
  command
    .argument("[agent]", "its name")
    .option("--all", "every running agent but adopted ones")
    .option("--force", "with --clean-worktree: remove uncommitted work too")
    .option("--clean-worktree", "remove the worktree if nothing in it would be lost")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      "\nExamples:\n  ov stop builder-1\n  ov stop builder-1 --clean-worktree\n  ov stop --all\n",
    )
    .action(async (name: string | undefined, options: StopOptions) => {
      if (!name === !options.all) throw new AppError("usage", "whom?", "ov stop <agent> | --all");
      const names = name ? [name] : await stoppable(await context.team());
      const stopped = [];
      for (const one of names) stopped.push(await stop(context, one, options));
      const data = name ? stopped[0]! : { agents: stopped };
      const text = stopped.map(say).join("\n") || "Nobody was running";
      await context.out.done("stop", data, text);
    });
};

interface Stopped {
  agent: string;
  stopped: boolean;
  /** It did not run; nobody brings it back now. */
  closed: boolean;
  cleaned: CleanedRow[] | null;
}

async function stop(context: Context, agent: string, options: StopOptions): Promise<Stopped> {
  const { wasRunning, closed } = await stopAgent(await context.wake(), agent);
  if (wasRunning) await trySaveCheckpoint(await context.checkpoint(), agent, "session_end");
  if (!options.cleanWorktree) return { agent, stopped: wasRunning, closed, cleaned: null };
  const tools = await worktreeTools(context);
  const { worktrees } = await cleanWorktrees(tools, { agent, force: options.force });
  return { agent, stopped: wasRunning, closed, cleaned: worktrees };
}

function say({ agent, stopped, closed, cleaned }: Stopped): string {
  const rest = closed ? ", and is not brought back any more" : "";
  const line = stopped ? `${agent} stopped` : `${agent} was not running${rest}`;
  return cleaned ? `${line}\n${cleanedText(cleaned)}` : line;
}
