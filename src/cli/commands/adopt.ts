import { AppError } from "../../domain/errors.ts";
import { checkNewName } from "../../domain/name.ts";
import { failureOf, linesOf } from "../../domain/start.ts";
import { type AdoptedAgent, adoptAgent } from "../../usecases/adopt-agent.ts";
import type { Context } from "../context.ts";
import { readFileOr } from "../files.ts";
import { outcomeOf, startData } from "../starts.ts";
import type { Register } from "../verbs.ts";

interface AdoptOptions {
  name: string;
  runtime: string;
  capability: string;
  parent?: string;
  socket?: string;
}

export const register: Register = (command, context) => {
  command
    .argument("[pane]", "its id, as %3 (default: the pane in which this runs)")
    .requiredOption("--name <name>", "the agent's name")
    .option("--runtime <name>", "what runs there", "auto")
    .option("--capability <role>", "the agent's role", "builder")
    .option("--parent <agent>", "whose agent it is (default: you)")
    .option("--socket <name>", "its tmux server: a name (tmux -L) or a path (tmux -S)")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
The program must run already, in a tmux pane on any server. Nothing of it is changed and nothing is
installed. Pane ids: tmux list-panes -a -F '#{pane_id} #{pane_current_command}'. Undo: ov release.

Examples:
  ov adopt %3 --name bo
  ov adopt %0 --name bo --socket work --capability reviewer
`,
    )
    .action(async (pane: string | undefined, options: AdoptOptions) => {
      const place = whichPane(context, pane, options.socket);
      await context.checkRole(options.capability, options.name);
      const parent = context.identity(options.parent);
      const above = context.store.agents.get(parent);
      const found = await adoptAgent(await context.adopt(), {
        ...place,
        name: checkNewName(options.name),
        runtime: options.runtime,
        role: options.capability,
        parent,
        depth: above ? above.depth + 1 : 0,
      });
      const outcome = await outcomeOf(context, { session: found.seen.session });
      const { start } = outcome;
      await context.kick([found.agent.name]);
      const notes = await whatWorks(context, found);
      const { agent, seen, program } = found;
      const data = {
        agent: agent.name,
        agentName: agent.name,
        capability: agent.role,
        runtime: agent.runtime,
        pane: seen.session.pane.pane,
        socket: seen.session.pane.socket,
        pid: program.pid,
        sessionId: seen.session.id,
        state: seen.state.state,
        ...notes,
        ...startData(outcome),
      };
      const text = [
        `${agent.name} adopted: ${agent.runtime}, process ${program.pid} in ${data.pane}, ${data.state}`,
        ...notes.works.map((line) => `  + ${line}`),
        ...notes.missing.map((line) => `  - ${line}`),
        ...linesOf(agent.name, start),
        `let it go: ov release ${agent.name}`,
      ];
      await context.out.done("adopt", data, text.join("\n"), failureOf(agent.name, start));
    });
};

/** The server and the pane: what is named, else what this command runs in. */
function whichPane({ env }: Context, named: string | undefined, socket: string | undefined) {
  const here = env.TMUX?.replace(/,\d+,\d+$/, "") || undefined;
  if (socket === "") throw new AppError("usage", "--socket is empty", "a name, or a path");
  if (named !== undefined && !/^%\d+$/.test(named)) {
    const hint = "see: tmux list-panes -a -F '#{pane_id} #{pane_current_command}'";
    throw new AppError("usage", `"${named}" is no pane id: write it as %3`, hint);
  }
  if (named === undefined && socket !== undefined) {
    throw new AppError("usage", "which pane of that server?", "ov adopt %3 --socket <name> …");
  }
  const pane = named ?? env.TMUX_PANE;
  if (!pane || (named === undefined && here === undefined)) {
    throw new AppError("usage", "which pane? this is not one of tmux", "ov adopt %3 --name <name>");
  }
  return { pane, socket: socket ?? here ?? "default" };
}

/** What a person can count on now, and what there is not, with what would bring it. */
async function whatWorks(context: Context, { seen }: AdoptedAgent) {
  const { runtime, transcript, reading, facts } = seen;
  const own = facts.some(({ source }) => source === "runtime");
  const works = [`state: from ${own ? "its own files and " : ""}its screen`];
  const missing: string[] = [];
  if (reading?.focus === "none") missing.push(`its screen is not understood: ${seen.state.detail}`);
  const typed = "letters are typed into its empty composer while it is idle";
  works.push(seen.hooked ? "letters are injected by its hooks" : typed);
  if (runtime.hooks && !seen.hooked) {
    // What ov hooks install would write.
    const dialect = await context.hooks(runtime.name);
    const file = dialect.settingsFile;
    const current = file === undefined ? undefined : readFileOr(`${context.project.root}/${file}`);
    const present = dialect.present(current ?? "{}");
    missing.push(
      file === undefined
        ? "its hooks are not ours: only ov sling can give them"
        : present.length > 0
          ? `no hook of ours was seen yet: if it reads ${file}, letters are injected from its next prompt on`
          : `its hooks are not ours: after ov hooks install --runtime ${runtime.name} here and a new start letters are injected`,
    );
  }
  if (!runtime.hooks) missing.push("it has no hooks: a letter may wait until it is idle");
  if (runtime.bell) missing.push("no bell: a draft in its composer holds letters");
  if (transcript) works.push("seen is proved by its transcript");
  else missing.push("no transcript known: letters stay offered until it answers");
  return { works, missing };
}
