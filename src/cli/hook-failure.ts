import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { CommanderError } from "commander";
import { AppError } from "../domain/errors.ts";
import { ORCHESTRATOR } from "../domain/name.ts";
import { cleanHeader, head } from "../domain/text.ts";
import { type Context, now } from "./context.ts";
import type { HookCall } from "./hook-call.ts";

/** What a call says may be anything. */
const short = (text: string) => head(cleanHeader(text), 500);

/**
 * Writes down that a hook failed: as an event, or in a file of the project where the store is what
 * failed. Says nothing: what a hook prints could reach its agent. Never throws.
 */
export async function noteHookFailure(
  context: Context,
  call: HookCall,
  error: unknown,
): Promise<void> {
  try {
    const { message } = await explained(context, call, error);
    // The words for a person leave out which of many it was.
    const cause = error instanceof AppError ? message : `${message} (${String(error)})`;
    if (isOfStore(error) || !addEvent(context, call, cause)) addLine(context, call, cause);
  } catch {
    // No project, or a disk that takes nothing: there is no place left to write to.
    process.exitCode = 0;
  }
}

/** A mistake in the call's words is no bug. */
const explained = (context: Context, { name }: HookCall, error: unknown) =>
  error instanceof CommanderError ? error : context.out.explain(error, name);

/** SQLite's own errors; a second attempt would wait as long as the first did. */
const isOfStore = (error: unknown) =>
  error instanceof Error && !(error instanceof AppError) && error.name === "SqliteError";

function addEvent(context: Context, { name, agent }: HookCall, cause: string): boolean {
  try {
    const { env } = context;
    const caller = context.asks();
    const found = caller.is === "agent" ? caller.name : agent;
    const who = found ?? (env.OV_AGENT || env.OVERSTORY_AGENT_NAME || ORCHESTRATOR);
    const data = { event: short(name), cause: short(cause) };
    context.store.events.add("hook.failed", { agent: short(who), data });
    return true;
  } catch {
    return false;
  }
}

function addLine(context: Context, { name }: HookCall, cause: string): void {
  const line = `${new Date(now()).toISOString()} ${short(name)}: ${short(cause)}\n`;
  appendFileSync(join(context.project.home, "hooks.log"), line, { mode: 0o600 });
}
