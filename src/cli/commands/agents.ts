import { AppError, unknownWord } from "../../domain/errors.ts";
import { checkName, checkNewName, ORCHESTRATOR } from "../../domain/name.ts";
import { oneOf } from "../options.ts";
import { table } from "../table.ts";
import type { Register } from "../verbs.ts";

export const register: Register = (command, context) => {
  const { out } = context;
  command.addHelpText("after", "\nExample:\n  ov agents add ci --role robot --kind remote\n");

  command
    .command("add")
    .description("register a name that can get mail without running here")
    .argument("<name>", "its name")
    .option("--role <role>", "for the address @<role>s", "none")
    .option("--kind <kind>", "human or remote", "human")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov agents add anna --role reviewer\n")
    .action(async (name: string, options: { role: string; kind: string }) => {
      checkNewName(name);
      const kind = oneOf("kind", options.kind, ["human", "remote"] as const);
      if (context.store.agents.get(name)?.kind === "local") {
        throw new AppError("refused", `${name} is an agent of this team`, "choose another name");
      }
      const role = checkName(options.role, "role");
      context.store.agents.put({ name, kind, role });
      await out.done("agents add", { agent: name, name, role, kind }, `${name} can get mail`);
    });

  command
    .command("remove")
    .description("forget a name; its letters stay")
    .argument("<name>", "its name")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov agents remove anna\n")
    .action(async (name: string) => {
      if (context.store.sessions.liveOf(name)) {
        throw new AppError("refused", `${name} is running`, `ov stop ${name}`);
      }
      const known = context.store.agents.list().map((agent) => agent.name);
      if (name === ORCHESTRATOR || !context.store.agents.remove(name)) {
        throw unknownWord("agent", name, known);
      }
      await out.done("agents remove", { agent: name, name }, `${name} removed`);
    });

  for (const verb of ["list", "discover"] as const) {
    command
      .command(verb)
      .description(verb === "list" ? "print all names" : "print the running agents")
      .option("--capability <role>", "only with this role")
      .option("--json", "print JSON only")
      .addHelpText("after", `\nExample:\n  ov agents ${verb} --capability builder\n`)
      .action(async ({ capability }: { capability?: string }) => {
        const agents = context.store.agents
          .list()
          .filter(({ kind }) => kind !== "system")
          .filter(({ role }) => capability === undefined || role === capability)
          .map((agent) => ({
            agent: agent.name,
            name: agent.name,
            capability: agent.role,
            kind: agent.kind,
            running: context.store.sessions.liveOf(agent.name) !== undefined,
            taskId: agent.task,
            branch: agent.branch,
            parent: agent.parent,
          }))
          .filter(({ running }) => verb === "list" || running);
        const rows = agents.map((a) => [
          ...[a.name, a.capability, a.running ? "running" : a.kind, a.taskId ?? ""],
        ]);
        const text = rows.length > 0 ? table(["AGENT", "ROLE", "KIND", "TASK"], rows) : "No agents";
        await out.done(`agents ${verb}`, { agents }, text);
      });
  }
};
