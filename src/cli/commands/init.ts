import type { Register } from "../verbs.ts";

interface InitOptions {
  name?: string;
  force?: boolean;
}

export const register: Register = (command, context) => {
  command
    .option("--name <name>", "the project's name (default: the folder's)")
    .option("--yes", "accepted: nothing is asked")
    .option("--force", "write the config anew; where the store is lost, begin with an empty one")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Makes .overture/ here, with a .gitignore of its own: nothing of yours is changed.

Example:
  ov init --name shop
`,
    )
    .action(async ({ name, force }: InitOptions) => {
      const { project, isNew, restored } = await context.init(name, force ?? false);
      const text = isNew
        ? `${project.home} made. Next: ov sling <task> --name <agent>, or ov hooks install`
        : `${project.home} was there already${force ? "; its config is new" : ""}`;
      const data = { root: project.root, home: project.home, created: isNew };
      if (restored !== undefined) context.out.warn(`ov: ${restored}`);
      await context.out.done("init", { ...data, restored: restored ?? null }, text);
    });
};
