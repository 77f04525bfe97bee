import kleur from "kleur";
import { formatAge } from "../../../domain/duration.ts";
import { sayEnding } from "../../../domain/ending.ts";
import { isSecret } from "../../../domain/environment.ts";
import { lastCheckpoint, unknownAgent } from "../../../usecases/save-checkpoint.ts";
import { explainAgent } from "../../../usecases/team-status.ts";
import { now } from "../../context.ts";
import { limitOption } from "../../options.ts";
import { colorState } from "../../table.ts";
import type { Register } from "../../verbs.ts";
import { eventJson, eventLines } from "./view.ts";

export const register: Register = (command, context) => {
  command
    .argument("<agent>", "its name")
    .addOption(limitOption(15))
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Everything about one agent: who it is, what it does and by what evidence, its sessions, its last
checkpoint, its newest events, and the names of the variables that are kept for its restarts; no
value of one is printed. Why a letter waits: ov explain.

Example:
  ov inspect builder-1
`,
    )
    .action(async (name: string, { limit }: { limit: number }) => {
      const { store, out } = context;
      const agent = store.agents.get(name);
      if (!agent) throw unknownAgent(store, name);
      const { state, detail, ending, facts, letters } = await explainAgent(
        await context.team(),
        agent,
      );
      const sessions = store.sessions.all(name);
      const { launcher } = await context.team();
      const newest = sessions.toSorted((a, b) => b.generation - a.generation)[0];
      const environment = Object.keys((newest && launcher.kept(newest)) ?? {}).toSorted();
      const named = environment.map((one) => (isSecret(one) ? `${one} (set)` : one));
      const checkpoint = lastCheckpoint(store, name);
      const events = store.events.find({ agent: name, limit });
      const age = (at: number) => kleur.dim(`${formatAge(now() - at)} ago`);
      const line = (title: string, text: string | null) =>
        text ? [`  ${title.padEnd(10)} ${text}`] : [];
      const text = [
        `${kleur.bold(name)} is ${colorState(state)}${detail ? `: ${detail}` : ""}`,
        ...line("role", agent.role),
        ...line("task", agent.task),
        ...line("runtime", agent.runtime),
        ...line("branch", agent.branch),
        ...line("worktree", agent.worktree),
        ...line("parent", agent.parent),
        ...line("letters", `${store.mail.count(name).queued} unread, ${letters.length} open`),
        ...facts.map((fact) => `  ${fact.source.padEnd(10)} ${fact.detail} ${age(fact.at)}`),
        ...sessions.map(
          ({ generation, runtime, startedAt, endedAt, ending }) =>
            `  session ${generation}  ${runtime}, started ${age(startedAt)}${endedAt === null || ending === null ? "" : `, ended ${age(endedAt)}: ${sayEnding(ending)}`}`,
        ),
        ...line("kept env", named.join(", ")),
        ...line("checkpoint", checkpoint ? `${checkpoint.timestamp} (${checkpoint.moment})` : null),
        ...eventLines(context, events),
      ];
      const data = {
        agent: name,
        role: agent.role,
        taskId: agent.task,
        runtime: agent.runtime,
        branch: agent.branch,
        worktree: agent.worktree,
        parent: agent.parent,
        state,
        detail,
        ending: ending ?? null,
        facts,
        sessions: sessions.map(({ pane: _, dir: __, ...session }) => ({
          ...session,
          endReason: session.ending?.detail ?? null,
        })),
        unread: store.mail.count(name).queued,
        checkpoint: checkpoint ?? null,
        environment: environment.map((one) => ({ name: one, secret: isSecret(one), set: true })),
        events: events.map(eventJson),
      };
      await out.done("inspect", data, text.join("\n"));
    });
};
