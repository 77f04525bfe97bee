import { describe, expect, it } from "vitest";
import {
  type HookEvent,
  parseHooks,
  readHook,
} from "../../src/adapters/runtimes/scripted/hooks.ts";

const result = (code: number, stdout: string, stderr = "") => ({
  code,
  stdout,
  stderr,
  timedOut: false,
});
const added = (event: string, text: string) =>
  JSON.stringify({ hookSpecificOutput: { hookEventName: event, additionalContext: text } });

describe("a hook's answer", () => {
  it.each<[HookEvent, string[]]>([
    ["SessionStart", ["text"]],
    ["UserPromptSubmit", ["text"]],
    ["PreToolUse", []],
    ["PostToolUse", []],
    ["Stop", []],
  ])("plain output of %s becomes %j", (event, contexts) => {
    expect(readHook(event, result(0, "text\n")).contexts).toEqual(contexts);
  });

  it.each<[HookEvent, string[]]>([
    ["SessionStart", ["text"]],
    ["UserPromptSubmit", ["text"]],
    ["PreToolUse", ["text"]],
    ["PostToolUse", ["text"]],
    ["Stop", []],
  ])("additionalContext of %s becomes %j", (event, contexts) => {
    expect(readHook(event, result(0, added(event, "text"))).contexts).toEqual(contexts);
  });

  it("a stop is blocked by a decision or by exit 2", () => {
    const json = JSON.stringify({ decision: "block", reason: "mail" });
    expect(readHook("Stop", result(0, json)).block).toBe("mail");
    expect(readHook("Stop", result(2, "", "mail\n")).block).toBe("mail");
    expect(readHook("Stop", result(1, "", "broken")).block).toBeUndefined();
  });

  it.each(["allow", "deny"] as const)("a permission request is answered by %s", (behavior) => {
    const json = JSON.stringify({ hookSpecificOutput: { decision: { behavior } } });
    expect(readHook("PermissionRequest", result(0, json)).permission).toBe(behavior);
    expect(readHook("Stop", result(0, json)).permission).toBeUndefined();
  });

  it("a tool call is denied by a permission decision", () => {
    const json = { permissionDecision: "deny", permissionDecisionReason: "not here" };
    const output = result(0, JSON.stringify({ hookSpecificOutput: json }));
    expect(readHook("PreToolUse", output).block).toBe("not here");
  });

  it("a failure is shown and adds nothing", () => {
    expect(readHook("UserPromptSubmit", result(1, "text", "broken"))).toEqual({
      contexts: [],
      block: undefined,
      permission: undefined,
      errors: ["UserPromptSubmit hook failed (1): broken"],
    });
  });

  it("events of other agents in the settings are no error", () => {
    const text = '{"hooks":{"Notification":[{"hooks":[{"type":"command","command":"x"}]}]}}';
    expect(parseHooks(text, "s.json").get("Stop")).toEqual([]);
    expect(() => parseHooks("{", "s.json")).toThrow("s.json is not JSON");
  });
});
