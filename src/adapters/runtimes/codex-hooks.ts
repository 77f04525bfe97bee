import type { HookDialect } from "../../ports/runtime.ts";
import { sha256 } from "../sha256.ts";
import { claudeHooks, edits, TIMEOUT_S } from "./claude-hooks.ts";
import { codexTranscript } from "./codex-transcript.ts";

/**
 * In tokens, which Codex counts as four bytes each. Its own limit of 2,500 cuts 9,000 letters of
 * most scripts, and keeps head and tail. Stop and PreCompact take no such key, so at Stop bytes count
 * (0.169.0: 9,993 bytes came whole, 10,001 were cut, before anything is escaped).
 */
const CONTEXT_TOKENS = 10_000;
const limits = (event: string) =>
  event === "Stop" || event === "PreCompact" ? {} : { additionalContextLimit: CONTEXT_TOKENS };

/**
 * Claude Code's form but for Stop, where only a block with a reason makes the agent go on. The
 * reason reaches the model once, as a user message, with `<`, `>` and `&` escaped (0.169.0).
 */
export const codexHooks: HookDialect = {
  ...claudeHooks,
  ...edits(".codex/hooks.json", limits),
  parse(stdin, event) {
    const call = claudeHooks.parse(stdin, event);
    const transcript = call.transcript && codexTranscript(call.transcript);
    return { ...call, transcript, inBytes: call.event === "Stop" };
  },
  say: (event, text) =>
    event === "Stop"
      ? `${JSON.stringify({ decision: "block", reason: text })}\n`
      : claudeHooks.say(event, text),
};

/** A TOML basic string: JSON's form, but that DEL may not stand in it. */
export const toml = (text: string): string => JSON.stringify(text).replaceAll("\x7f", "\\u007f");

/** The name of an event in the key of its trust: `PostToolUse` is `post_tool_use`. */
const label = (event: string) =>
  event.replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();

/**
 * Our hooks as settings of one start, each trusted by its hash: no file of the person is written,
 * and no hook of anybody else is trusted. Codex asks about a hook whose hash it does not know.
 * The hash is over the JSON of the entry with sorted keys (0.169.0).
 */
export function hookOverrides(command: (event: string) => string): string[] {
  const entries = claudeHooks.events.map((event) => {
    const entry = {
      ...limits(event),
      // No file names the process of a session, so nothing but a hook can tell its rollout.
      command: event === "SessionStart" ? `${command(event)} --learn` : command(event),
      timeout: TIMEOUT_S,
      type: "command",
    };
    const { additionalContextLimit: limit } = entry as { additionalContextLimit?: number };
    const fields = [
      `type="command"`,
      `command=${toml(entry.command)}`,
      `timeout=${entry.timeout}`,
      ...(limit === undefined ? [] : [`additionalContextLimit=${limit}`]),
    ];
    const key = `/<session-flags>/config.toml:${label(event)}:0:0`;
    return {
      hook: `hooks.${event}=[{hooks=[{${fields.join(",")}}]}]`,
      trust: `${toml(key)}={trusted_hash=${toml(trustHash(label(event), entry))}}`,
    };
  });
  const trust = `hooks.state={${entries.map((entry) => entry.trust).join(",")}}`;
  return [...entries.map((entry) => entry.hook), trust].flatMap((value) => ["-c", value]);
}

function trustHash(eventName: string, entry: object): string {
  const sorted = Object.fromEntries(
    Object.entries({ ...entry, async: false }).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const identity = JSON.stringify({ event_name: eventName, hooks: [sorted] });
  return `sha256:${sha256(identity)}`;
}
