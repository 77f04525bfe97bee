import { homedir } from "node:os";
import { strayHooks } from "../../adapters/doctor/hook-files.ts";
import { HOOKS } from "../../adapters/runtimes/all.ts";
import { MCP } from "../../adapters/runtimes/mcp-settings.ts";
import type { Context } from "../context.ts";
import { remove, replace, settingsFile } from "../settings-file.ts";

export interface Removed {
  path: string;
  /** What was taken out: names of events, or `MCP server`. */
  entries: string[];
  /** The copy of the file as it was; null: none was needed. */
  backup: string | null;
}

/** Takes our hooks and our MCP server out of every settings file of this project. */
export async function removeEntries(context: Context): Promise<Removed[]> {
  const removed: Removed[] = [];
  const files = new Set<string>();
  for (const name of Object.keys(HOOKS)) {
    const { settingsFile: file, present, uninstall } = await context.hooks(name);
    // The scripted agent has Claude Code's form and file.
    if (file === undefined || files.has(file)) continue;
    files.add(file);
    const { path, current } = settingsFile(context, file);
    const entries = current === undefined ? [] : present(current);
    if (current === undefined || entries.length === 0) continue;
    removed.push({ path, entries, backup: write(context, path, uninstall(current)) });
  }
  for (const { file, present, uninstall } of Object.values(MCP)) {
    const { path, current } = settingsFile(context, file);
    if (current === undefined || !present(current)) continue;
    removed.push({
      path,
      entries: ["MCP server"],
      backup: write(context, path, uninstall(current)),
    });
  }
  return removed;
}

/** A file in which nothing is left was ours alone. */
function write(context: Context, path: string, text: string): string | null {
  const isEmpty = /^\s*(\{\s*(["']\$?schema["']\s*:\s*"[^"]*"\s*)?\})?\s*$/.test(text);
  return (isEmpty ? remove(context, path) : replace(context, path, text)) ?? null;
}

/** Other settings files that call this Overture, such as the home's: they serve other projects. */
export function otherFiles({ project, env, bin }: Context): string[] {
  const stray = strayHooks(project, env.HOME ?? homedir(), bin);
  return [...new Set(stray.filter(({ own }) => own).map(({ where }) => where))];
}
