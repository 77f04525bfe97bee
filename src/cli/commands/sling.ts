import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { AppError } from "../../domain/errors.ts";
import { checkNewName, checkTaskId } from "../../domain/name.ts";
import { firstPrompt } from "../../domain/prompt.ts";
import { failureOf, linesOf } from "../../domain/start.ts";
import { spawnAgent } from "../../usecases/spawn-agent.ts";
import type { Context } from "../context.ts";
import { natural, positive } from "../options.ts";
import { outcomeOf, startData } from "../starts.ts";
import type { Register } from "../verbs.ts";
import { sayWishes, type Wishes, withWishes } from "./sling-wishes.ts";

interface SlingOptions extends Wishes {
  task?: string;
  capability: string;
  name?: string;
  spec?: string;
  prompt?: string;
  files?: string;
  parent?: string;
  depth?: number;
  runtime?: string;
  baseBranch?: string;
  maxAgents?: number;
  recover?: boolean;
}

export const register: Register = (command, context) => {
  withWishes(command)
    .argument("[task-id]", "a short id; the branch becomes ov/<agent>/<task-id>")
    .option("--task <task-id>", "the same as the argument")
    .option(
      "--capability <role>",
      "its role: one of builder, coordinator, lead, merger, monitor, reviewer, scout, or your own",
      "builder",
    )
    .option("--name <name>", "the agent's name (default: <role>-<n>)")
    .option("--spec <file>", "a file that says what to do (default: .overture/specs/<task-id>.md)")
    .option("--prompt <text>", "what to do, in words, instead of a file")
    .option("--files <list>", "the files that are the agent's, comma separated")
    .option("--parent <agent>", "who gave the task (default: you)")
    .option("--depth <n>", "how deep in the team's tree", natural)
    .option(
      "--runtime <name>",
      "what runs in the pane: claude, codex, gemini, opencode or scripted (default: the config's)",
    )
    .option("--base-branch <branch>", "start from this branch (default: the current one)")
    .option("--max-agents <n>", "refuse when the parent has this many running", positive)
    .option("--recover", "go on in the worktree that an earlier session left")
    .option("--skip-task-check", "accepted: there is no task list to check yet")
    .option("--headless", "accepted: agents always run in a pane that nobody needs to watch")
    .option("--no-headless", "accepted")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
The worktree gets its submodules from your checkout, then what the config says: worktree.copy
and worktree.link (files of your checkout, such as .env or node_modules) and worktree.run
(commands, such as npm ci). One that fails is a failed start: nothing of it stays.

Examples:
  ov sling login --name bo --prompt "Build the login form; tests in test/login"
  ov sling api-2 --capability lead --spec specs/api.md --files src/api
  ov sling login --name bo --recover
`,
    )
    .action(async (word: string | undefined, options: SlingOptions) => {
      const task = taskOf(word, options.task);
      const config = await context.config();
      const runtime = options.runtime ?? config.runtime;
      const name = options.name && checkNewName(options.name);
      await context.checkRole(options.capability, name);
      const parent = context.identity(options.parent);
      const above = context.store.agents.get(parent);
      const spec = options.prompt ?? readSpec(context, task, options.spec);
      const files = (options.files ?? "").split(",").filter(Boolean);
      const more = sayWishes(options);
      const tools = await context.spawn();
      const { agent, session, made, missing } = await spawnAgent(tools, {
        task,
        name,
        role: options.capability,
        parent,
        depth: options.depth ?? (above ? above.depth + 1 : 0),
        runtime,
        baseBranch: options.baseBranch,
        firstPrompt: (name) => firstPrompt({ agent: name, task, parent, spec, files, more }),
        rolePrompt: (name) => context.rolePrompt(options.capability, { agent: name, task, parent }),
        recover: options.recover ?? false,
        maxAgents: options.maxAgents,
        command: config.runtimes[runtime]?.command,
        args: config.runtimes[runtime]?.args ?? [],
      });
      const outcome = await outcomeOf(context, { session, made });
      const { start, chosen, kept } = outcome;
      await context.kick([agent.name]);
      const data = {
        agent: agent.name,
        agentName: agent.name,
        capability: agent.role,
        taskId: task,
        branch: agent.branch,
        worktree: agent.worktree,
        runtime,
        tmuxSession: agent.name,
        pid: session.pane.panePid,
        sessionId: session.id,
        answered: chosen,
        ...startData(outcome),
        missing,
      };
      const lines = linesOf(agent.name, start, kept);
      const text =
        start.is === "ended"
          ? lines
          : [
              `${agent.name} started on ${agent.branch} (${runtime})`,
              ...missing,
              ...lines,
              `look: ov peek ${agent.name}, ov attach ${agent.name}`,
            ];
      await context.out.done("sling", data, text.join("\n"), failureOf(agent.name, start));
    });
};

function taskOf(word: string | undefined, flag: string | undefined): string {
  const task = word ?? flag;
  if (task === undefined || (word !== undefined && flag !== undefined && word !== flag)) {
    throw new AppError("usage", "which task?", "name one: ov sling <task-id>");
  }
  return task;
}

/** Prompts name it as in the project's root, and those of Overstory below `.overstory`. */
function specPath({ cwd, project: { root } }: Context, file: string): string {
  const ours = file.replace(/(^|\/)\.overstory\/specs\//, "$1.overture/specs/");
  const places = [file, ours].flatMap((name) => [resolve(cwd, name), resolve(root, name)]);
  return places.find((path) => existsSync(path)) ?? places[0]!;
}

function readSpec(context: Context, task: string, file: string | undefined): string | undefined {
  const path = file
    ? specPath(context, file)
    : `${context.project.home}/specs/${checkTaskId(task)}.md`;
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    if (file === undefined) return undefined;
    throw new AppError("not_found", `cannot read --spec ${path}`, "write it: ov spec write", {
      cause,
    });
  }
}
