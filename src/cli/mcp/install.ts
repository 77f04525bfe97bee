import { AppError } from "../../domain/errors.ts";
import type { Context } from "../context.ts";
import { remove, replace, settingsFile } from "../settings-file.ts";

async function target(context: Context, runtime: string) {
  const { settings, server } = await context.mcp(runtime);
  return { settings, server, ...settingsFile(context, settings.file) };
}

/** Throws where the server could not be installed. */
export async function checkMcp(context: Context, runtime: string): Promise<void> {
  const { settings, server, current } = await target(context, runtime);
  settings.install(current, server);
}

interface Hooks {
  data: object;
  said: string;
}

/** `hooks`: what was done about the hooks before. */
export async function installMcp(
  context: Context,
  runtime: string,
  hooks: Hooks | undefined,
): Promise<void> {
  const { settings, server, path, current } = await target(context, runtime);
  const text = settings.install(current, server);
  const changed = text !== current;
  const backup = changed ? replace(context, path, text) : undefined;
  const kept = backup ? `; the old file is ${backup}` : "";
  const said = `${path}: the MCP server "overture"${kept}`;
  await context.out.done(
    "hooks install",
    { path, changed, backup: backup ?? null, mcp: true, hooks: hooks?.data ?? null },
    [hooks?.said, said].filter(Boolean).join("\n"),
  );
}

export async function uninstallMcp(context: Context, runtime: string): Promise<void> {
  const { settings, path, current } = await target(context, runtime);
  if (current === undefined || !settings.present(current)) {
    const text = `${path}: no MCP server of ours there`;
    return context.out.done("hooks uninstall", { path, changed: false, removed: [] }, text);
  }
  const text = settings.uninstall(current);
  // Claude Code complains of a file without servers.
  const isEmpty = /^\s*(\{\s*\})?\s*$/.test(text);
  const backup = isEmpty ? remove(context, path) : replace(context, path, text);
  const data = { path, changed: true, backup, removed: ["overture"] };
  const said = `${path}: removed the MCP server "overture"; the old file is ${backup}`;
  return context.out.done("hooks uninstall", data, said);
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
