import {
  copyFileSync,
  existsSync,
  mkdirSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { AppError } from "../../domain/errors.ts";
import type { Context } from "../context.ts";
import { readFileOr } from "../files.ts";
import type { Register } from "../verbs.ts";

/** The settings file of the person's own sessions in this project, and what our hooks are. */
async function target(context: Context, runtime: string) {
  const dialect = await context.hooks(runtime);
  if (dialect.settingsFile === undefined) {
    const message = `only agents that ov sling starts can have hooks in ${runtime}`;
    throw new AppError("refused", message, "ov sling <task> --runtime <name>");
  }
  const named = join(context.project.root, dialect.settingsFile);
  // A link to a file elsewhere stays a link.
  const path = existsSync(named) ? realpathSync(named) : named;
  return { dialect, path, current: readFileOr(path) };
}

/** The old file is kept, the new one appears whole. */
function replace(context: Context, path: string, text: string): string | undefined {
  let backup: string | undefined;
  let mode = 0o600;
  if (existsSync(path)) {
    const folder = join(context.project.home, "backup");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    backup = join(folder, `${basename(path)}.${new Date().toISOString().replaceAll(":", "-")}`);
    copyFileSync(path, backup);
    mode = statSync(path).mode & 0o777;
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, text, { mode });
  renameSync(`${path}.new`, path);
  return backup;
}

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
      const { dialect, path, current } = await target(context, runtime);
      const text = dialect.install(current, (event) => context.hookCommand(event, runtime));
      const changed = text !== current;
      const backup = changed ? replace(context, path, text) : undefined;
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
      const { dialect, path, current } = await target(context, runtime);
      const present = current === undefined ? [] : dialect.present(current);
      if (current === undefined || present.length === 0) {
        return out.done("hooks uninstall", { path, changed: false }, "No hooks of ours there");
      }
      const backup = replace(context, path, dialect.uninstall(current));
      return out.done("hooks uninstall", { path, changed: true, backup }, `${path}: removed`);
    });

  command
    .command("status")
    .description("say which of our hooks are in place; exit 1 when one is missing")
    .option("--runtime <name>", "whose settings", "claude")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov hooks status --json\n")
    .action(async ({ runtime }: { runtime: string }) => {
      const { dialect, path, current } = await target(context, runtime);
      const present = current === undefined ? [] : dialect.present(current);
      const missing = dialect.events.filter((event) => !present.includes(event));
      const text = `${path}\ninstalled: ${present.join(", ") || "none"}\nmissing: ${missing.join(", ") || "none"}`;
      const failure = missing.length
        ? new AppError("refused", `missing: ${missing.join(", ")}`, "ov hooks install")
        : undefined;
      await out.done("hooks status", { path, present, missing }, text, failure);
    });
};
