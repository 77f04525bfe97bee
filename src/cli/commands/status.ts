import kleur from "kleur";
import { assumedConfig } from "../../domain/config.ts";
import { formatAge } from "../../domain/duration.ts";
import { isCrash, sayEnding } from "../../domain/ending.ts";
import { AppError, unknownWord } from "../../domain/errors.ts";
import { cleanHeader } from "../../domain/text.ts";
import { isoOrNull, isoTime } from "../../domain/time.ts";
import type { CarrierState } from "../../usecases/carrier-state.ts";
import { type Elsewhere, sayElsewhere, workElsewhere } from "../../usecases/own-branches.ts";
import { targetBranch } from "../../usecases/target-branch.ts";
import { type AgentStatus, teamStatus } from "../../usecases/team-status.ts";
import { worktreeTools } from "../context/worktrees.ts";
import { type Context, now, pause } from "../context.ts";
import { dialogJson, dialogText } from "../dialog-view.ts";
import { colorState, table } from "../table.ts";
import type { Register } from "../verbs.ts";

export const register: Register = (command, context) => {
  command
    .argument("[agent]", "only this one")
    .option("--all", "also names that only ever sent mail")
    .option("--watch", "print it again whenever it changes, until Ctrl+C")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExamples:\n  ov status\n  ov status builder-1 --json\n")
    .action(
      async (name: string | undefined, { all, watch }: { all?: boolean; watch?: boolean }) => {
        if (watch) return again(context, name, all === true);
        await showTeam(context, name, all === true);
      },
    );
};

const AGAIN_MS = 2_000;

/** Prints it when it is another than before; ends with the process. */
async function again(context: Context, name: string | undefined, all: boolean): Promise<void> {
  const { out } = context;
  let before = "";
  const done: typeof out.done = async (command, data, text, failure) => {
    const now = JSON.stringify(data);
    if (now !== before) await out.done(command, data, out.json ? text : `${text}\n`, failure);
    before = now;
  };
  for (;;) {
    await showTeam(context, name, all, done);
    await pause(AGAIN_MS);
  }
}

async function showTeam(
  context: Context,
  name: string | undefined,
  all: boolean,
  done = context.out.done,
): Promise<void> {
  const configError = await assumeSettings(context);
  const team = await lookAtTeam(context, all || name !== undefined);
  const statuses = name === undefined ? team : [only(team, name)];
  const carrier = context.carrierState();
  const uncarried = context.isCarried() ? 0 : statuses.reduce((n, s) => n + s.waking, 0);
  const { into, elsewhere } = await lookElsewhere(context, statuses);
  const agents = statuses.map((s) => ({
    agent: s.agent.name,
    name: s.agent.name,
    capability: s.agent.role,
    kind: s.agent.kind,
    runtime: s.agent.runtime,
    adopted: s.adopted,
    state: s.state,
    detail: s.detail,
    dialog: s.dialog ? dialogJson(s.agent.name, s.dialog) : null,
    ending: s.ending ?? null,
    since: isoOrNull(s.since),
    taskId: s.agent.task,
    branch: s.agent.branch,
    worktree: s.agent.worktree,
    parent: s.agent.parent,
    unread: s.unread,
    held: s.held,
    unacked: s.unacked,
  }));
  await done(
    "status",
    {
      project: context.project.root,
      configError: configError?.message ?? null,
      ...carrierJson(carrier),
      uncarried,
      agents,
      elsewhere,
    },
    [
      ...warning(configError),
      teamTable(statuses) +
        elsewhere.map((work) => `\n${sayElsewhere(work, into)}`).join("") +
        sayUncarried(uncarried),
      ...dialogs(statuses),
      carrierLine(carrier),
    ].join("\n\n"),
  );
}

function only(team: readonly AgentStatus[], name: string): AgentStatus {
  const found = team.find(({ agent }) => agent.name === name);
  if (found) return found;
  throw unknownWord(
    "agent",
    name,
    team.map(({ agent }) => agent.name),
  );
}

/** Where the settings are wrong the team is looked at with the defaults: what is wrong is said. */
async function assumeSettings(context: Context): Promise<AppError | undefined> {
  try {
    await context.config();
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const assumed = assumedConfig();
    context.config = async () => assumed;
    return error;
  }
}

const warning = (error: AppError | undefined): string[] =>
  error
    ? [
        `${kleur.red("The settings are wrong")}, and most verbs refuse until they are mended:\n  ${error.message}`,
      ]
    : [];

const carrierJson = ({ pid, ended }: CarrierState) => ({
  carrier: pid === undefined ? null : { pid },
  carrierEnded: ended ? { at: isoTime(ended.at), why: ended.why } : null,
});

function carrierLine({ pid, ended }: CarrierState): string {
  if (pid !== undefined) return kleur.dim(`carrier: process ${pid}`);
  if (!ended) return kleur.dim("carrier: none (ov up starts one)");
  const ago = formatAge(now() - ended.at);
  return kleur.yellow(
    `carrier: none, the last one ended ${ago} ago: ${cleanHeader(ended.why)} (ov up)`,
  );
}

/** Everybody but names that only ever sent mail. Writes nothing and wakes nobody. */
export async function lookAtTeam(context: Context, all: boolean): Promise<AgentStatus[]> {
  const statuses = await teamStatus(await context.team());
  return statuses.filter(({ agent }) => all || agent.kind !== "external");
}

/** Settings that are broken, or a repository without a target, leave it open. */
async function lookElsewhere(context: Context, statuses: readonly AgentStatus[]) {
  const none = { into: "", elsewhere: [] as Elsewhere[] };
  if (!statuses.some(({ agent }) => agent.worktree !== null)) return none;
  try {
    const { repo, store, config } = await worktreeTools(context);
    const into = await targetBranch(repo, config.into);
    return { into, elsewhere: await workElsewhere({ repo, store }, into) };
  } catch (error) {
    if (error instanceof AppError) return none;
    throw error;
  }
}

const dialogs = (statuses: readonly AgentStatus[]): string[] =>
  statuses.flatMap(({ agent, dialog }) => (dialog ? [dialogText(agent.name, dialog)] : []));

function sayUncarried(n: number): string {
  if (n === 0) return "";
  return `\n${n === 1 ? "1 message waits" : `${n} messages wait`} and nobody carries: ov up`;
}

/** States that want somebody who looks. */
const TOLD = new Set(["waiting", "error", "unknown"]);

export function teamTable(statuses: readonly AgentStatus[]): string {
  const rows = statuses.map((s) => [
    kleur.bold(s.agent.name),
    s.agent.role === "none" ? s.agent.kind : s.agent.role,
    s.agent.kind === "local" ? colorState(s.state) : kleur.dim("-"),
    s.since === null ? "" : formatAge(now() - s.since),
    s.agent.task ?? "",
    [
      s.unread > 0 ? kleur.yellow(`${s.unread} unread`) : "",
      s.held.length > 0 ? kleur.yellow(`held: ${s.held.join(", ")}`) : "",
      s.unacked > 0 ? `${s.unacked} unanswered` : "",
      TOLD.has(s.state) ? s.detail : "",
      s.ending && isCrash(s.ending) ? sayEnding(s.ending) : "",
    ]
      .filter(Boolean)
      .join("  "),
  ]);
  return table(["AGENT", "ROLE", "STATE", "FOR", "TASK", ""], rows);
}
