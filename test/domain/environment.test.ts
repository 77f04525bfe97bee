import { describe, expect, test } from "vitest";
import { isSecret, surroundings } from "../../src/domain/environment.ts";

const start = (caller: Record<string, string>, own: string[] = []) =>
  surroundings({ caller, own, kept: undefined, isPerson: true });

test.each(["PATH", "LC_ALL", "https_proxy", "HTTPS_PROXY", "SSH_AUTH_SOCK", "XDG_CONFIG_HOME"])(
  "%s is kept",
  (name) => {
    expect(start({ [name]: "v" })).toMatchObject({ kept: { [name]: "v" }, once: {} });
  },
);

test.each([
  "GIT_DIR",
  "NODE_OPTIONS",
  "LD_PRELOAD",
  "CLAUDECODE",
  "TMUX",
  "OV_AGENT",
  "a-b",
  "SHLVL",
])("%s reaches nobody", (name) => {
  expect(start({ [name]: "v" })).toMatchObject({ kept: {}, once: {} });
});

test("a runtime's own are kept for it and for no other", () => {
  const caller = { ANTHROPIC_API_KEY: "k", OPENAI_API_KEY: "k" };
  const { kept, once } = start(caller, ["ANTHROPIC_*"]);
  expect([Object.keys(kept), Object.keys(once)]).toEqual([
    ["ANTHROPIC_API_KEY"],
    ["OPENAI_API_KEY"],
  ]);
});

test("a beginning that is kept lets nothing in that steers", () => {
  expect(start({ CLAUDECODE: "1", GIT_DIR: "/x" }, ["CLAUDE*", "GIT_*"]).kept).toEqual({});
  expect(start({ GIT_SSH_COMMAND: "ssh -4" }, ["GIT_SSH_COMMAND"]).kept).toHaveProperty(
    "GIT_SSH_COMMAND",
  );
});

describe("a restart", () => {
  const kept = { PATH: "/a", ANTHROPIC_API_KEY: "old" };
  const caller = { PATH: "/b", ANTHROPIC_API_KEY: "new", OTHER: "o" };
  const again = (more: object) =>
    surroundings({ caller, kept, own: ["ANTHROPIC_*"], isPerson: true, ...more });

  test("by a person takes a newer key, and the PATH of the start", () => {
    expect(again({})).toEqual({
      kept: { PATH: "/a", ANTHROPIC_API_KEY: "new" },
      once: { OTHER: "o" },
      newer: ["ANTHROPIC_API_KEY"],
    });
  });
  test.each([{ isPerson: false }, { caller: { ...caller, OV_AGENT: "cy" } }])(
    "by a carrier or an agent takes nothing of its own: %o",
    (more) => {
      expect(again(more)).toEqual({ kept, once: {}, newer: [] });
    },
  );
});

test("an agent that starts another does not hand its own plugin on", () => {
  const caller = { OV_AGENT: "bo", OPENCODE_CONFIG_CONTENT: "{}" };
  expect(start(caller, ["OPENCODE_*"])).toMatchObject({ kept: {}, once: {} });
});

test.each([
  ["ANTHROPIC_API_KEY", true],
  ["GH_TOKEN", true],
  ["HTTPS_PROXY", true],
  ["PATH", false],
])("%s is a secret: %s", (name, secret) => {
  expect(isSecret(name)).toBe(secret);
});
