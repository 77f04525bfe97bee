import { AppError } from "../../domain/errors.ts";
import { hookTarget, replaceFile } from "../hook-file.ts";
import type { Register } from "../verbs.ts";

export const register: Register = (command, context) => {
  const { out } = context;
  command.addHelpText(
    "after",
    `
Agents that ov sling starts have their hooks already. These are for your own sessions here:
mail to "orchestrator" then appears in them.

Example:
  ov hooks install && ov hooks status
`,
  );

  command
    .command("install")
    .description("add our hooks beside your own in the runtime's settings of this project")
    .option("--force", "accepted: installing again replaces only our own entries")
    .option("--runtime <name>", "whose settings", "claude")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov hooks install\n")
    .action(async ({ runtime }: { runtime: string }) => {
      const { dialect, path, current } = await hookTarget(context, runtime);
      const text = dialect.install(current, (event) => context.hookCommand(event, runtime));
      const changed = text !== current;
      const backup = changed ? replaceFile(context, path, text) : undefined;
      const data = { path, changed, backup: backup ?? null, events: dialect.events };
      const kept = backup ? `; the old file is ${backup}` : "";
      await out.done("hooks install", data, `${path}: ${dialect.events.join(", ")}${kept}`);
    });

  command
    .command("uninstall")
    .description("take our hooks out again; all else stays as it is")
    .option("--runtime <name>", "whose settings", "claude")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov hooks uninstall\n")
    .action(async ({ runtime }: { runtime: string }) => {
      const { dialect, path, current } = await hookTarget(context, runtime);
      const present = current === undefined ? [] : dialect.present(current);
      if (current === undefined || present.length === 0) {
        return out.done("hooks uninstall", { path, changed: false }, "No hooks of ours there");
      }
      const backup = replaceFile(context, path, dialect.uninstall(current));
      return out.done("hooks uninstall", { path, changed: true, backup }, `${path}: removed`);
    });

  command
    .command("status")
    .description("say which of our hooks are in place; exit 1 when one is missing")
    .option("--runtime <name>", "whose settings", "claude")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov hooks status --json\n")
    .action(async ({ runtime }: { runtime: string }) => {
      const { dialect, path, current } = await hookTarget(context, runtime);
      const present = current === undefined ? [] : dialect.present(current);
      const missing = dialect.events.filter((event) => !present.includes(event));
      const text = `${path}\ninstalled: ${present.join(", ") || "none"}\nmissing: ${missing.join(", ") || "none"}`;
      const failure = missing.length
        ? new AppError("refused", `missing: ${missing.join(", ")}`, "ov hooks install")
        : undefined;
      await out.done("hooks status", { path, present, missing }, text, failure);
    });
};
