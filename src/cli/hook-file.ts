import { AppError } from "../domain/errors.ts";
import type { Context } from "./context.ts";
import { settingsFile } from "./settings-file.ts";

/** The settings file of the person's own sessions in this project, and what our hooks are. */
export async function hookTarget(context: Context, runtime: string) {
  const dialect = await context.hooks(runtime);
  if (dialect.settingsFile === undefined) {
    const message = `only agents that ov sling starts can have hooks in ${runtime}`;
    const hint = `ov sling <task> --runtime ${runtime}, or its tools: ov hooks install --runtime ${runtime} --mcp`;
    throw new AppError("refused", message, hint);
  }
  return { dialect, ...settingsFile(context, dialect.settingsFile) };
}
