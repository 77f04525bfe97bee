import { AppError } from "../../domain/errors.ts";
import type { Context } from "../context.ts";
import { remove, replace, settingsFile } from "../settings-file.ts";

async function target(context: Context, runtime: string) {
  const { settings, server } = await context.mcp(runtime);
  return { settings, server, ...settingsFile(context, settings.file) };
}

export async function installMcp(context: Context, runtime: string): Promise<void> {
  const { settings, server, path, current } = await target(context, runtime);
  const text = settings.install(current, server);
  const changed = text !== current;
  const backup = changed ? replace(context, path, text) : undefined;
  const kept = backup ? `; the old file is ${backup}` : "";
  const said = `${path}: the MCP server "overture"${kept}`;
  await context.out.done(
    "hooks install",
    { path, changed, backup: backup ?? null, mcp: true },
    said,
  );
}

export async function uninstallMcp(context: Context, runtime: string): Promise<void> {
  const { settings, path, current } = await target(context, runtime);
  if (current === undefined || !settings.present(current)) {
    const text = "No MCP server of ours there";
    return context.out.done("hooks uninstall", { path, changed: false }, text);
  }
  const text = settings.uninstall(current);
  // Claude Code complains of a file without servers.
  const isEmpty = /^\s*(\{\s*\})?\s*$/.test(text);
  const backup = isEmpty ? remove(context, path) : replace(context, path, text);
  return context.out.done("hooks uninstall", { path, changed: true, backup }, `${path}: removed`);
}

export async function statusMcp(context: Context, runtime: string): Promise<void> {
  const { settings, path, current } = await target(context, runtime);
  const present = settings.present(current);
  const text = `${path}\nMCP server: ${present ? "installed" : "missing"}`;
  const hint = `ov hooks install --runtime ${runtime} --mcp`;
  const failure = present ? undefined : new AppError("refused", "missing: the MCP server", hint);
  await context.out.done("hooks status", { path, mcp: present }, text, failure);
}

/** One line for who does not have it; nothing where it is, or could not be. */
export async function offerMcp(context: Context, runtime: string): Promise<string> {
  try {
    const { settings, current } = await target(context, runtime);
    if (settings.present(current)) return "";
    return `memory and mail as tools: ov hooks install --runtime ${runtime} --mcp`;
  } catch (error) {
    if (error instanceof AppError) return "";
    throw error;
  }
}
