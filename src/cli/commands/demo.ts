import { join } from "node:path";
import kleur from "kleur";
import { AppError } from "../../domain/errors.ts";
import { firstPrompt } from "../../domain/prompt.ts";
import { allReceipted, receiptCount, Watcher } from "../../usecases/run-demo.ts";
import { NO_LIMITS, sendMail } from "../../usecases/send-mail.ts";
import { spawnAgent } from "../../usecases/spawn-agent.ts";
import { stopAgent } from "../../usecases/stop-agent.ts";
import type { AgentStatus } from "../../usecases/team-status.ts";
import type { Context } from "../context.ts";
import { demoTools } from "../demo-view.ts";
import { readFileOr } from "../files.ts";
import { typedName } from "../on-path.ts";
import { oneOf, positive } from "../options.ts";
import type { Register } from "../verbs.ts";
import { merge } from "./merge.ts";

interface DemoOptions {
  here?: boolean;
  runtime: string;
  keep?: boolean;
  timeout: number;
}

const TEAM = [
  { name: "coordinator", role: "coordinator", task: "plan" },
  { name: "builder-1", role: "builder", task: "morning" },
  { name: "builder-2", role: "builder", task: "evening" },
] as const;

/** What the demonstration asks for, so that it does not stop at permission dialogs. */
const CLAUDE_ARGS = [
  ...["--permission-mode", "acceptEdits", "--allowedTools"],
  ...["Bash(ov mail:*)", "Bash(git add:*)", "Bash(git commit:*)", "Bash(sh test/run.sh)"],
];

export const register: Register = (command, context) => {
  command
    .option("--here", "use this repository; the result goes to a new branch, ov-demo")
    .option("--runtime <name>", "scripted (no account, no network) or claude", "scripted")
    .option("--keep", "leave the team running at the end (default: only in a terminal)")
    .option("--no-keep", "end the team at the end")
    .option("--timeout <seconds>", "give up after this long", positive, 60)
    .option("--json", "print JSON only; the story goes to stderr")
    .addHelpText("after", "\nExamples:\n  ov demo\n  ov demo --runtime claude --timeout 600\n")
    .action(async (options: DemoOptions) => {
      oneOf("runtime", options.runtime, ["scripted", "claude"] as const);
      const keep = options.keep ?? (process.stdout.isTTY === true && !context.out.json);
      const { at, into } = await makeProject(context, options);
      try {
        await play(at, into, options, keep);
      } finally {
        if (!keep) for (const { name } of TEAM) await stopAgent(await at.wake(), name);
        await at.close();
      }
    });
};

/** A project for the demo and the branch that takes the result. */
async function makeProject(context: Context, { here }: DemoOptions) {
  const root = here ? context.cwd : await context.demoRepo();
  const at = context.at(root);
  await at.init(here ? undefined : "demo", false);
  if (!here) return { at, into: "main" };
  const repo = await at.repo();
  if (await repo.resolve("ov-demo")) {
    throw new AppError("refused", "the branch ov-demo exists", "git branch -D ov-demo, then again");
  }
  await at.makeBranch("ov-demo");
  return { at, into: "ov-demo" };
}

async function play(at: Context, into: string, options: DemoOptions, keep: boolean) {
  const { store } = at;
  const root = at.project.root;
  const watch = new Watcher(await demoTools(at));
  watch.say("repository", `${root}, branch ${into}`);
  await Promise.all(TEAM.map((member) => start(at, member, into, options.runtime)));
  const goal = {
    sender: "orchestrator",
    to: "coordinator",
    type: "dispatch" as const,
    subject: "Greet in the morning and in the evening",
    body: "Two small features, one for each builder. Tell me when both are committed.",
    payload: JSON.stringify({
      taskId: "greetings",
      specPath: "README.md",
      capability: "coordinator",
      fileScope: ["src"],
    }),
    priority: "normal" as const,
  };
  await at.kick(sendMail(store, goal, NO_LIMITS).recipients);

  const ms = options.timeout * 1000;
  const tools = await demoTools(at);
  let finished = false;
  await watch.until("both features", ms, async () => {
    const letters = await tools.readMail();
    finished ||= letters.some(({ type }) => type === "result");
    return finished;
  });
  watch.say("orchestrator", `merging both branches into ${into}`);
  const { outcomes } = await merge(at, { all: true, into });
  for (const { branch, status } of outcomes) watch.say("merge", `${branch} ${status}`);
  await watch.until("every receipt", ms, async () => {
    await tools.readMail();
    return allReceipted(store);
  });
  await watch.until("rest", ms, async () => (await tools.status()).every(isAtRest));
  const merged = outcomes.filter(({ status }) => status === "merged").map(({ branch }) => branch);
  if (merged.length < 2) throw new AppError("refused", "not both branches were merged", root);
  const receipts = receiptCount(store);
  await at.out.done(
    "demo",
    { root, into, merged, receipts, kept: keep },
    closing(at, merged, keep),
  );
}

const isAtRest = ({ agent, state }: AgentStatus) =>
  agent.kind !== "local" || state === "idle" || state === "stopped";

async function start(at: Context, member: (typeof TEAM)[number], base: string, runtime: string) {
  const { name, role, task } = member;
  const parent = name === "coordinator" ? "orchestrator" : "coordinator";
  const script = join(at.templates, "demo", `${role}.yaml`);
  const spec =
    runtime === "scripted" ? undefined : readFileOr(join(at.templates, "demo", `${role}.md`));
  const config = await at.config();
  await spawnAgent(await at.spawn(), {
    task,
    name,
    role,
    parent,
    depth: parent === "orchestrator" ? 0 : 1,
    runtime,
    baseBranch: base,
    firstPrompt: (agent) => firstPrompt({ agent, task, parent, spec, files: [] }),
    rolePrompt: () => at.rolePrompt(role, { agent: name, task, parent }),
    recover: false,
    command: config.runtimes[runtime]?.command,
    args: runtime === "scripted" ? ["--script", script] : CLAUDE_ARGS,
  });
}

const KEPT = [
  "  ov attach builder-1   the agent's own screen",
  "  ov stop --all         when you have seen enough",
];

function closing(at: Context, merged: readonly string[], keep: boolean): string {
  const { letters, seen, acked } = receiptCount(at.store);
  const { root } = at.project;
  const ov = typedName(at.env.PATH, at.bin);
  return [
    "",
    kleur.green().bold(`${merged.length} branches merged, ${letters} letters receipted`) +
      ` (${acked} acked, ${seen} seen)`,
    "",
    "Look closer:",
    `  cd ${root}`,
    "  git log --graph --oneline",
    `  ${ov} status             who is idle or busy`,
    `  ${ov} mail list          every letter and its receipt`,
    `  ${ov} explain builder-1  the evidence behind a state`,
    ...(keep ? KEPT.map((line) => line.replace("ov", ov)) : []),
  ].join("\n");
}
