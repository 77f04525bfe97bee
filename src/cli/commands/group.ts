import { AppError, unknownWord } from "../../domain/errors.ts";
import { checkName, ORCHESTRATOR, RESERVED } from "../../domain/name.ts";
import type { Context } from "../context.ts";
import type { Register } from "../verbs.ts";

export const register: Register = (command, context) => {
  const { out } = context;
  command.addHelpText("after", "\nExample:\n  ov group create docs builder-1 builder-2\n");

  command
    .command("create")
    .description("make a group")
    .argument("<name>", "the group's name; its address is @<name>")
    .argument("[members...]", "agents")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov group create docs builder-1 builder-2\n")
    .action(async (name: string, members: string[]) => {
      checkName(name, "group name");
      const roles = context.store.agents.list().flatMap(({ role }) => [role, `${role}s`]);
      if ([...RESERVED, ORCHESTRATOR, ...roles].includes(name) || context.store.agents.get(name)) {
        throw new AppError("refused", `"${name}" is already an address`, "choose another name");
      }
      if (context.store.groups.all().has(name)) {
        throw new AppError("refused", `group "${name}" exists`, `ov group add ${name} <agent>`);
      }
      context.store.groups.create(name, knownAgents(context, members));
      await out.done("group create", { group: name, members }, `@${name}: ${members.join(", ")}`);
    });

  for (const verb of ["add", "remove"] as const) {
    command
      .command(verb)
      .description(verb === "add" ? "add agents to a group" : "take agents out of a group")
      .argument("<name>", "the group")
      .argument("<members...>", "agents")
      .option("--json", "print JSON only")
      .addHelpText("after", `\nExample:\n  ov group ${verb} docs builder-3\n`)
      .action(async (name: string, members: string[]) => {
        knownGroup(context, name);
        const names = verb === "add" ? knownAgents(context, members) : members;
        context.store.groups[verb](name, names);
        const now = knownGroup(context, name);
        await out.done(
          `group ${verb}`,
          { group: name, members: now },
          `@${name}: ${now.join(", ")}`,
        );
      });
  }

  command
    .command("status")
    .description("print a group's members")
    .argument("<name>", "the group")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov group status docs\n")
    .action(async (name: string) => {
      const members = knownGroup(context, name).map((member) => ({
        agent: member,
        name: member,
        running: context.store.sessions.liveOf(member) !== undefined,
        unread: context.store.mail.count(member).queued,
      }));
      const text = members.map(
        (m) => `${m.name}  ${m.running ? "running" : "stopped"}  ${m.unread} unread`,
      );
      await out.done("group status", { group: name, members }, text.join("\n") || "no members");
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

function knownGroup(context: Context, name: string): string[] {
  const groups = context.store.groups.all();
  const members = groups.get(name);
  if (!members) throw unknownWord("group", name, [...groups.keys()]);
  return members;
}

function knownAgents(context: Context, names: string[]): string[] {
  const known = context.store.agents.list().map((agent) => agent.name);
  for (const name of names) if (!known.includes(name)) throw unknownWord("agent", name, known);
  return names;
}
