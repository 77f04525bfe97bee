import { AppError } from "../../domain/errors.ts";
import { overstoryLines } from "../../domain/overstory.ts";
import { cleanHeader } from "../../domain/text.ts";
import type { Context } from "../context.ts";
import { hookTarget } from "../hook-file.ts";
import { replace } from "../settings-file.ts";
import type { Register } from "../verbs.ts";

interface Options {
  runtime: string;
  mcp?: boolean;
}

const mcp = () => import("../mcp/install.ts");

async function installHooks(context: Context, runtime: string) {
  const { dialect, path, current } = await hookTarget(context, runtime);
  const text = dialect.install(current, (event) => context.hookCommand(event, runtime));
  const changed = text !== current;
  const backup = changed ? replace(context, path, text) : undefined;
  const overstory = overstoryLines(text);
  const data = { path, changed, backup: backup ?? null, events: dialect.events, overstory };
  const kept = backup ? `; the old file is ${backup}` : "";
  const note = overstory.length > 0 ? "\nHooks of Overstory stay; take them out:" : "";
  const lines = overstory.map((line) => `\n  ${cleanHeader(line)}`).join("");
  return { data, said: `${path}: ${dialect.events.join(", ")}${kept}${note}${lines}` };
}

export const register: Register = (command, context) => {
  const { out } = context;
  command.addHelpText(
    "after",
    `
Agents that ov sling starts have their hooks already. These are for your own sessions here:
mail to "orchestrator" then appears in them. With --mcp, install adds our MCP server as well, which
gives them memory and mail as tools; uninstall and status are then about that server alone.

Examples:
  ov hooks install && ov hooks status
  ov hooks install --mcp
`,
  );

  command
    .command("install")
    .description("add our hooks beside your own in the runtime's settings of this project")
    .option("--force", "accepted: installing again replaces only our own entries")
    .option("--runtime <name>", "whose settings", "claude")
    .option("--mcp", "our MCP server as well, in the project's own file for these")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      "\nExamples:\n  ov hooks install\n  ov hooks install --runtime codex --mcp\n",
    )
    .action(async ({ runtime, mcp: isMcp }: Options) => {
      if (isMcp) {
        // A runtime without settings for hooks, as OpenCode, has the server alone.
        const has = (await context.hooks(runtime)).settingsFile !== undefined;
        // Nothing is written where one of the two is refused.
        await (await mcp()).checkMcp(context, runtime);
        const hooks = has ? await installHooks(context, runtime) : undefined;
        return (await mcp()).installMcp(context, runtime, hooks);
      }
      const { data, said } = await installHooks(context, runtime);
      const more = await (await mcp()).offerMcp(context, runtime);
      return out.done("hooks install", data, [said, more].filter(Boolean).join("\n"));
    });

  command
    .command("uninstall")
    .description("take our hooks out again; all else stays as it is")
    .option("--runtime <name>", "whose settings", "claude")
    .option("--mcp", "our MCP server instead")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov hooks uninstall\n")
    .action(async ({ runtime, mcp: isMcp }: Options) => {
      if (isMcp) return (await mcp()).uninstallMcp(context, runtime);
      const { dialect, path, current } = await hookTarget(context, runtime);
      const present = current === undefined ? [] : dialect.present(current);
      if (current === undefined || present.length === 0) {
        const text = `${path}: no hooks of ours there`;
        return out.done("hooks uninstall", { path, changed: false, removed: [] }, text);
      }
      const backup = replace(context, path, dialect.uninstall(current));
      const data = { path, changed: true, backup, removed: present };
      const text = `${path}: removed our hooks at ${present.join(", ")}; the old file is ${backup}`;
      return out.done("hooks uninstall", data, text);
    });

  command
    .command("status")
    .description("say which of our hooks are in place; exit 1 when one is missing")
    .option("--runtime <name>", "whose settings", "claude")
    .option("--mcp", "whether our MCP server is")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov hooks status --json\n")
    .action(async ({ runtime, mcp: isMcp }: Options) => {
      if (isMcp) return (await mcp()).statusMcp(context, runtime);
      const { dialect, path, current } = await hookTarget(context, runtime);
      const present = current === undefined ? [] : dialect.present(current);
      const missing = dialect.events.filter((event) => !present.includes(event));
      const text = `${path}\ninstalled: ${present.join(", ") || "none"}\nmissing: ${missing.join(", ") || "none"}`;
      const failure = missing.length
        ? new AppError("refused", `missing: ${missing.join(", ")}`, "ov hooks install")
        : undefined;
      return out.done("hooks status", { path, present, missing }, text, failure);
    });
};
