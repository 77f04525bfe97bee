import kleur from "kleur";
import { formatAge } from "../../domain/duration.ts";
import { isCrash, sayEnding } from "../../domain/ending.ts";
import { type AgentStatus, teamStatus } from "../../usecases/team-status.ts";
import { type Context, now } from "../context.ts";
import { colorState, table } from "../table.ts";
import type { Register } from "../verbs.ts";

export const register: Register = (command, context) => {
  command
    .option("--all", "also names that only ever sent mail")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExamples:\n  ov status\n  ov status --json\n")
    .action(async ({ all }: { all?: boolean }) => {
      const statuses = await lookAtTeam(context, all === true);
      const agents = statuses.map((s) => ({
        name: s.agent.name,
        capability: s.agent.role,
        kind: s.agent.kind,
        runtime: s.agent.runtime,
        adopted: s.adopted,
        state: s.state,
        detail: s.detail,
        ending: s.ending ?? null,
        since: s.since === null ? null : new Date(s.since).toISOString(),
        taskId: s.agent.task,
        branch: s.agent.branch,
        worktree: s.agent.worktree,
        parent: s.agent.parent,
        unread: s.unread,
        held: s.held,
        unacked: s.unacked,
      }));
      await context.out.done(
        "status",
        { project: context.project.root, agents },
        teamTable(statuses),
      );
    });
};

/** Everybody but names that only ever sent mail; those with mail are woken on the way. */
export async function lookAtTeam(context: Context, all: boolean): Promise<AgentStatus[]> {
  const statuses = (await teamStatus(await context.team())).filter(
    ({ agent }) => all || agent.kind !== "external",
  );
  await context.kick(statuses.filter((s) => s.unread > 0).map((s) => s.agent.name));
  return statuses;
}

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
      s.state === "waiting" || s.state === "error" ? s.detail : "",
      s.ending && isCrash(s.ending) ? sayEnding(s.ending) : "",
    ]
      .filter(Boolean)
      .join("  "),
  ]);
  return table(["AGENT", "ROLE", "STATE", "FOR", "TASK", ""], rows);
}
