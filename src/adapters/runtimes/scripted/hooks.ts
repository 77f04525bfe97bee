import { setTimeout as wait } from "node:timers/promises";
import { AppError } from "../../../domain/errors.ts";
import type { Habits } from "./profiles.ts";
import type { Shell, ShellResult } from "./shell.ts";

export const HOOK_EVENTS = [
  "SessionStart",
  "UserPromptSubmit",
  "PreCompact",
  "PreToolUse",
  "PostToolUse",
  "PermissionRequest",
  "Stop",
  "SessionEnd",
] as const;
export type HookEvent = (typeof HOOK_EVENTS)[number];

interface HookEntry {
  matcher: string;
  command: string;
  timeoutMs: number;
  /** Runs beside the session; when it exits 2, its stderr starts a turn (`asyncRewake`). */
  rewake: boolean;
}
export type HookSettings = ReadonlyMap<HookEvent, readonly HookEntry[]>;

export interface HookOutcome {
  contexts: string[];
  /** The prompt, tool call or stop must not happen, for this reason. */
  block: string | undefined;
  permission: "allow" | "deny" | undefined;
  /** Lines for the screen. */
  errors: string[];
}

const NOTHING: HookOutcome = { contexts: [], block: undefined, permission: undefined, errors: [] };
const DEFAULT_TIMEOUT_S = 600;
const PLAIN_OUTPUT_IS_CONTEXT: readonly HookEvent[] = ["SessionStart", "UserPromptSubmit"];
const JSON_CONTEXT: readonly HookEvent[] = [
  ...PLAIN_OUTPUT_IS_CONTEXT,
  "PreToolUse",
  "PostToolUse",
];
const CAN_BLOCK: readonly HookEvent[] = ["UserPromptSubmit", "PreToolUse", "Stop"];

interface RawSettings {
  hooks?: Record<string, { matcher?: string; hooks?: Record<string, unknown>[] }[]>;
}

/** Claude Code's settings JSON; events that this agent does not have are left out. */
export function parseHooks(text: string, file: string): HookSettings {
  let raw: RawSettings;
  try {
    raw = JSON.parse(text) as RawSettings;
  } catch (cause) {
    throw new AppError("usage", `${file} is not JSON`, (cause as Error).message, { cause });
  }
  return new Map(
    HOOK_EVENTS.map((event) => [
      event,
      (raw.hooks?.[event] ?? []).flatMap(({ matcher = "", hooks = [] }) =>
        hooks
          .filter((hook) => hook.type === "command" && typeof hook.command === "string")
          .map((hook) => ({
            matcher,
            command: String(hook.command),
            timeoutMs: Number(hook.timeout ?? DEFAULT_TIMEOUT_S) * 1000,
            rewake: hook.asyncRewake === true,
          })),
      ),
    ]),
  );
}

interface HookJson {
  decision?: string;
  reason?: string;
  hookSpecificOutput?: {
    additionalContext?: string;
    permissionDecision?: string;
    permissionDecisionReason?: string;
    decision?: { behavior?: string };
  };
}

function asJson(stdout: string): HookJson | undefined {
  if (!stdout.startsWith("{")) return undefined;
  try {
    return JSON.parse(stdout) as HookJson;
  } catch {
    return undefined;
  }
}

/** What a finished hook asks for, by Claude Code's rules (2.1.329). */
export function readHook(event: HookEvent, result: ShellResult): HookOutcome {
  const outcome: HookOutcome = {
    contexts: [],
    block: undefined,
    permission: undefined,
    errors: [],
  };
  const stderr = result.stderr.trim();
  if (result.timedOut) outcome.errors.push(`${event} hook timed out`);
  else if (result.code === 2 && CAN_BLOCK.includes(event)) {
    outcome.block = stderr || "blocked by a hook";
  } else if (result.code === 2 && event === "PostToolUse") outcome.contexts.push(stderr);
  else if (result.code !== 0) {
    outcome.errors.push(`${event} hook failed (${result.code}): ${stderr.split("\n")[0]}`);
  } else readOutput(event, result.stdout.trim(), outcome);
  outcome.contexts = outcome.contexts.filter((text) => text !== "");
  return outcome;
}

function readOutput(event: HookEvent, stdout: string, outcome: HookOutcome): void {
  const json = asJson(stdout);
  if (!json) {
    if (PLAIN_OUTPUT_IS_CONTEXT.includes(event)) outcome.contexts.push(stdout);
    return;
  }
  const specific = json.hookSpecificOutput;
  if (JSON_CONTEXT.includes(event)) outcome.contexts.push(specific?.additionalContext ?? "");
  if (json.decision === "block") {
    const reason = json.reason ?? "blocked by a hook";
    if (CAN_BLOCK.includes(event)) outcome.block = reason;
    else if (event === "PostToolUse") outcome.contexts.push(reason);
  }
  const more = specific?.additionalContext ?? "";
  // At a stop, context alone makes the agent go on, and it comes after a reason (2.1.329).
  if (event === "Stop" && more !== "") {
    outcome.block = outcome.block === undefined ? more : `${outcome.block}\n\n${more}`;
  }
  if (event === "PreToolUse" && specific?.permissionDecision === "deny") {
    outcome.block = specific.permissionDecisionReason ?? "denied by a hook";
  }
  if (event === "PermissionRequest") {
    const behavior = specific?.decision?.behavior;
    if (behavior === "allow" || behavior === "deny") outcome.permission = behavior;
  }
}

export interface HooksOptions {
  settings: HookSettings;
  habits: Pick<Habits, "hookMs" | "stopsUnasked">;
  shell: Shell;
  session: { session_id: string; transcript_path: string; cwd: string };
  /** Shortens a context that is too long for the model. */
  cut(context: string): string;
  onRewake(event: HookEvent, text: string): void;
}

export class Hooks {
  #options: HooksOptions;

  constructor(options: HooksOptions) {
    this.#options = options;
  }

  /** Runs the event's hooks side by side; outcomes are joined in the order of the settings. */
  async run(
    event: HookEvent,
    details: Record<string, unknown>,
    signal?: AbortSignal,
  ): Promise<HookOutcome> {
    const { settings, habits, shell, session, cut, onRewake } = this.#options;
    const subject = String(details.tool_name ?? details.source ?? "");
    const entries = (settings.get(event) ?? []).filter(({ matcher }) => matches(matcher, subject));
    const input = `${JSON.stringify({ ...session, hook_event_name: event, ...details })}\n`;
    for (const { command, timeoutMs } of entries.filter((entry) => entry.rewake)) {
      void shell.run(command, { input, timeoutMs }).then((result) => {
        const text = result.stderr.trim();
        if (result.code === 2 && text !== "") onRewake(event, cut(text));
      });
    }
    const isUnasked = event === "Stop" && habits.stopsUnasked;
    const waited = isUnasked ? [] : entries.filter((entry) => !entry.rewake);
    if (waited.length > 0 && habits.hookMs > 0) await wait(habits.hookMs);
    const outcomes = await Promise.all(
      waited.map(async ({ command, timeoutMs }) =>
        readHook(event, await shell.run(command, { input, timeoutMs, signal })),
      ),
    );
    if (signal?.aborted) return NOTHING;
    const block = outcomes.find((outcome) => outcome.block !== undefined)?.block;
    return {
      contexts: outcomes.flatMap((outcome) => outcome.contexts.map(cut)),
      block: block === undefined ? undefined : cut(block),
      permission: outcomes.find((outcome) => outcome.permission)?.permission,
      errors: outcomes.flatMap((outcome) => outcome.errors),
    };
  }
}

function matches(matcher: string, subject: string): boolean {
  return matcher === "" || matcher === "*" || new RegExp(`^(?:${matcher})$`).test(subject);
}
