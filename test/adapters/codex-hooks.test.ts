import { expect, test } from "vitest";
import { codexHooks, hookOverrides } from "../../src/adapters/runtimes/codex-hooks.ts";

const command = (event: string) => `'/opt/o v/ov' mail check --event ${event} "\\`;

test("at a stop only a block with a reason goes on; elsewhere the forms are Claude Code's", () => {
  expect(JSON.parse(codexHooks.say("Stop", "mail"))).toEqual({ decision: "block", reason: "mail" });
  expect(codexHooks.say("UserPromptSubmit", "mail")).toBe("mail");
  expect(JSON.parse(codexHooks.say("PostToolUse", "mail"))).toEqual({
    hookSpecificOutput: { hookEventName: "PostToolUse", additionalContext: "mail" },
  });
});

test("what is said at a stop is counted in bytes, and nowhere else", () => {
  const inBytes = (event: string) => codexHooks.parse("{}", event).inBytes;
  expect(codexHooks.events.filter(inBytes)).toEqual(["Stop"]);
});

test("each hook of a start has its trust, under the key of the command line's settings", () => {
  const words = hookOverrides(command);
  expect(words.filter((word) => word === "-c")).toHaveLength(6);
  const trust = words.at(-1)!;
  expect([...trust.matchAll(/config\.toml:(\w+):0:0"=/g)].map(([, label]) => label)).toEqual([
    ...["session_start", "user_prompt_submit", "post_tool_use", "pre_compact", "stop"],
  ]);
  expect(trust.match(/"sha256:[0-9a-f]{64}"/g)).toHaveLength(5);
});

test("the trust is of exactly this command", () => {
  const trust = (text: string) => hookOverrides(() => text).at(-1);
  expect(trust("ov mail check")).toBe(trust("ov mail check"));
  expect(trust("ov mail check")).not.toBe(trust("ov mail check "));
});

test("our entries in hooks.json are known again and taken out", () => {
  const text = codexHooks.install('{"hooks":{"Stop":[{"hooks":[]}]}}', command);
  expect(codexHooks.present(text).sort()).toEqual([...codexHooks.events].sort());
  expect(JSON.parse(codexHooks.uninstall(text))).toEqual({ hooks: { Stop: [{ hooks: [] }] } });
});
