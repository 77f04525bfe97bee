import { AppError, unknownWord } from "../../domain/errors.ts";
import { checkName, likeReserved } from "../../domain/name.ts";
import { type Batch, batchOf, checkMembers } from "../../usecases/group-tasks.ts";
import type { Context } from "../context.ts";
import { table } from "../table.ts";
import type { Register } from "../verbs.ts";

export const register: Register = (command, context) => {
  const { out } = context;
  command.addHelpText("after", "\nExample:\n  ov group create docs builder-1 builder-2\n");

  command
    .command("create")
    .description("make a group")
    .argument("<name>", "the group's name; its address is @<name>")
    .argument("[members...]", "agents, or task ids: then it is a batch that closes by itself")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      "\nExamples:\n  ov group create docs builder-1 builder-2\n  ov group create release t-1 t-2 t-3\n",
    )
    .action(async (name: string, members: string[]) => {
      checkName(name, "group name");
      const roles = context.store.agents.list().flatMap(({ role }) => [role, `${role}s`]);
      if (likeReserved(name) || roles.includes(name) || context.store.agents.get(name)) {
        throw new AppError("refused", `"${name}" is already an address`, "choose another name");
      }
      if (context.store.groups.all().has(name)) {
        throw new AppError("refused", `group "${name}" exists`, `ov group add ${name} <agent>`);
      }
      checkMembers(context.store, members, []);
      context.store.groups.create(name, members);
      await out.done("group create", groupJson(context, name), line(context, name));
    });

  for (const verb of ["add", "remove"] as const) {
    command
      .command(verb)
      .description(verb === "add" ? "add agents to a group" : "take agents out of a group")
      .argument("<name>", "the group")
      .argument("<members...>", "agents, or tasks of a batch")
      .option("--json", "print JSON only")
      .addHelpText("after", `\nExample:\n  ov group ${verb} docs builder-3\n`)
      .action(async (name: string, members: string[]) => {
        const before = knownGroup(context, name);
        if (verb === "add") checkMembers(context.store, members, before);
        context.store.groups[verb](name, members);
        await out.done(`group ${verb}`, groupJson(context, name), line(context, name));
      });
  }

  command
    .command("status")
    .description("print a group's members: who runs, or how far the tasks are")
    .argument("[name]", "the group; without it, all of them")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov group status docs\n")
    .action(async (name: string | undefined) => {
      const { store } = context;
      const names = name === undefined ? [...store.groups.all().keys()] : [name];
      const groups = names.map((one) => statusOf(context, one));
      const text = groups.map(({ group, ...rest }) => sayStatus(`@${group}`, rest)).join("\n\n");
      const data = name === undefined ? { groups } : groups[0]!;
      await out.done("group status", data, text || "No groups");
    });

  command
    .command("list")
    .description("print all groups")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov group list --json\n")
    .action(async () => {
      const groups = [...context.store.groups.all()].map(([name, members]) => ({ name, members }));
      const text = groups.map(({ name, members }) => `@${name}: ${members.join(", ")}`);
      await out.done("group list", { groups }, text.join("\n") || "No groups");
    });
};

const groupJson = (context: Context, group: string) => {
  const members = knownGroup(context, group);
  return { group, members, ...batchOf(context.store, members) };
};

function line(context: Context, group: string): string {
  const { members, total } = { total: undefined, ...groupJson(context, group) };
  return `@${group}: ${members.join(", ")}${total === undefined ? "" : ` (tasks: ${total})`}`;
}

function statusOf(context: Context, group: string) {
  const { store } = context;
  const names = knownGroup(context, group);
  const batch = batchOf(store, names);
  if (batch) return { group, ...batch };
  const members = names.map((member) => ({
    agent: member,
    name: member,
    running: store.sessions.liveOf(member) !== undefined,
    unread: store.mail.count(member).queued,
  }));
  return { group, members };
}

function sayStatus(
  head: string,
  {
    members,
    ...batch
  }: { members?: { name: string; running: boolean; unread: number }[] } & Partial<Batch>,
): string {
  if (batch.tasks) {
    const { total, completed, inProgress, blocked, open, closed } = batch;
    const sum = `${completed} of ${total} completed, ${inProgress} in progress, ${blocked} blocked, ${open} open`;
    const rows = batch.tasks.map(({ taskId, state }) => [taskId, state]);
    return `${head}: ${sum}${closed ? "; closed" : ""}\n${table(["TASK", "STATE"], rows)}`;
  }
  if (!members?.length) return `${head}: no members`;
  const rows = members.map((m) => [
    ...[m.name, m.running ? "running" : "stopped", `${m.unread} unread`],
  ]);
  return `${head}:\n${table(["AGENT", "SESSION", ""], rows)}`;
}

function knownGroup(context: Context, name: string): string[] {
  const groups = context.store.groups.all();
  const members = groups.get(name);
  if (!members) throw unknownWord("group", name, [...groups.keys()]);
  return members;
}
