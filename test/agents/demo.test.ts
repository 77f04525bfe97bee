import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer, Rule, Turn } from "../model/rules.ts";
import { type ScriptedModel, startModel } from "../model/server.ts";
import { TeamRoom } from "../team-room.ts";
import { claudeInstalled, makeClaudeHome } from "./claude-room.ts";

const skip = !claudeInstalled() && process.env.OV_SKIP_AGENTS === "1";

const dispatch = (to: string, task: string) =>
  `ov mail send --to ${to} --type dispatch --subject "Greet: ${task}" --body "Add src/${task}.sh" ` +
  `--payload '{"taskId":"${task}","specPath":"README.md","capability":"builder","fileScope":["src"]}'`;

interface Step {
  when: RegExp;
  done: string;
  command: string;
}

const COORDINATOR: Step[] = [
  {
    when: /From: orchestrator \(dispatch\)/,
    done: "sent-1",
    command: dispatch("builder-1", "morning"),
  },
  { when: /step sent-1/, done: "sent-2", command: dispatch("builder-2", "evening") },
  {
    when: /\(worker_done\) ---[\s\S]*\(worker_done\) ---/,
    done: "told",
    command: 'ov mail send --to orchestrator --type result --subject "Both are built" --body done',
  },
];

const builder = (task: string): Step[] => [
  {
    when: /File created|has been (created|updated)/,
    done: "committed",
    command: `git add src && git commit -qm "feature: ${task}"`,
  },
  {
    when: /step committed/,
    done: "reported",
    command: `ov mail send --to coordinator --type worker_done --subject "Done: ${task}" --body ok`,
  },
];

/** What a model that follows the demo's prompts would do next, told from what it was given. */
function next({ given }: Turn): Answer {
  const task = /Task (\w+) for builder/.exec(given)?.[1];
  const steps = task === undefined ? COORDINATOR : builder(task);
  const step = steps.find(({ when, done }) => when.test(given) && !given.includes(`step ${done}`));
  if (step) return { type: "shell", command: `${step.command} && echo step ${step.done}` };
  const isNew = given.includes("From: coordinator (dispatch)") && !given.includes("step committed");
  if (task === undefined || !isNew) return { type: "text", text: "I wait for mail." };
  const folder = /[Ww]orking directory: (\S+)/.exec(given)?.[1];
  const input = { file_path: `${folder}/src/${task}.sh`, content: `# ${task}\n` };
  return { type: "tool", name: "Write", input };
}

const RULES: Rule[] = [{ name: "demo", pattern: /^/, answer: (_, turn) => next(turn) }];

describe.skipIf(skip)("the demo with the real Claude Code", () => {
  let model: ScriptedModel;
  let room: TeamRoom;

  beforeAll(async () => {
    model = await startModel({ rules: RULES });
    room = new TeamRoom();
    mkdirSync(join(room.base, "home"));
    const dir = join(room.base, "home");
    const claude = makeClaudeHome({ dir, trusted: [room.root], modelUrl: model.url });
    const PATH = `${dirname(claude.bin)}:${room.env.PATH}`;
    Object.assign(room.env, claude.env, { PATH });
  });
  afterAll(async () => {
    await room?.close();
    await model?.close();
  });

  test("both branches are merged and every letter is receipted", async () => {
    const result = await room.ov([
      "demo",
      "--here",
      "--runtime",
      "claude",
      "--timeout",
      "90",
      "--json",
    ]);
    if (process.env.OV_TELL) console.log(result.stderr, result.stdout);
    const { success, merged } = JSON.parse(result.stdout);
    // In the order in which their builders were done.
    expect([success, merged.sort()]).toEqual([
      true,
      ["ov/builder-1/morning", "ov/builder-2/evening"],
    ]);
  }, 240_000);
});
