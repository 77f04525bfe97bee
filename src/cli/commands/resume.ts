import { AppError } from "../../domain/errors.ts";
import { failureOf, linesOf } from "../../domain/start.ts";
import { lostAgents, type Resumed, resumeAgent } from "../../usecases/resume-agent.ts";
import type { SucceedTools } from "../../usecases/succeed-session.ts";
import type { Context } from "../context.ts";
import { type Outcome, outcomeOf, startData } from "../starts.ts";
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
      const names = name ? [name] : await lostAgents(tools);
      const tries = await Promise.all(names.map((one) => bringBack(context, tools, one, fresh)));
      await context.kick(tries.flatMap((one) => ("error" in one ? [] : [one.agent])));
      const agents = tries.flatMap((one) => ("error" in one ? [] : [dataOf(one)]));
      const failed = tries.flatMap((one) =>
        "error" in one ? [{ agent: one.agent, error: one.error.message }] : [],
      );
      const [first] = tries;
      if (name && first && "error" in first) throw first.error;
      const text = tries.flatMap(say).join("\n") || "Nobody's session was lost";
      const failures = tries.flatMap((one) =>
        "error" in one ? one.error : (failureOf(one.agent, one.outcome.start) ?? []),
      );
      await context.out.done("resume", { agents, failed }, text, worst(failures, name));
    });
};

type Tried =
  | { agent: string; error: AppError }
  | { agent: string; resumed: Resumed; outcome: Outcome };

const RUNS: Outcome = { start: { is: "up", detail: "" }, chosen: [], kept: [] };

/** One that cannot be brought back keeps no other one from it. */
async function bringBack(
  context: Context,
  tools: SucceedTools,
  agent: string,
  fresh = false,
): Promise<Tried> {
  try {
    const resumed = await resumeAgent(tools, agent, fresh);
    if (resumed.how === "running") return { agent, resumed, outcome: RUNS };
    const outcome = await outcomeOf(context, resumed);
    return { agent: resumed.agent, resumed, outcome };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { agent, error };
  }
}

/** Of several: one that failed, else one that waits at a dialog, else one that is not ready. */
function worst(failures: readonly AppError[], name: string | undefined): AppError | undefined {
  const kind = (["held", "timeout"] as const).find((one) => failures.every((f) => f.kind === one));
  if (failures.length === 0 || name) return failures[0];
  const failed = failures.some((f) => f.kind !== "held" && f.kind !== "timeout");
  const all = failed ? "refused" : (kind ?? "held");
  return new AppError(all, failed ? "not everybody came back" : "not everybody is up", "see above");
}

const dataOf = ({ resumed, outcome }: Extract<Tried, { outcome: Outcome }>) => ({
  agent: resumed.agent,
  how: resumed.how,
  ...(resumed.how === "running"
    ? {}
    : { why: resumed.why, sessionId: resumed.session.id, ...startData(outcome) }),
});

const HOW = {
  running: "runs",
  resumed: "goes on with its conversation",
  primed: "begins anew with its checkpoint",
};

function say(one: Tried): string[] {
  if ("error" in one) return [`${one.agent}: ${one.error.message}`];
  const { agent, resumed, outcome } = one;
  if (resumed.how === "running") return [`${agent} runs already`];
  return [
    `${agent} ${HOW[resumed.how]} (${resumed.why})`,
    ...linesOf(agent, outcome.start, outcome.kept),
  ];
}
