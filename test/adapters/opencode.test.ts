import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { opencode } from "../../src/adapters/runtimes/opencode.ts";

const PLUGIN = "/opt/over ture/templates/opencode-plugin.js";

function launch(more: object = {}) {
  return opencode(PLUGIN).launch({
    agent: "bo",
    worktree: "/w",
    dir: "/d",
    rolePrompt: "You are bo.",
    firstPrompt: "-x\n$(id)",
    resume: undefined,
    access: "write",
    hookCommand: (event) => `'/opt/ov' --event ${event}`,
    writable: [],
    env: {},
    command: "/my tools/opencode",
    args: ["--model", "a/b"],
    ...more,
  });
}

test("the first prompt is one word of the command line, and the role a file of instructions", () => {
  const { argv, path, env, files } = launch();
  expect(argv).toEqual(["opencode", "--model", "a/b", "--prompt=-x\n$(id)"]);
  expect(path).toEqual(["/my tools"]);
  const config = JSON.parse(env!.OPENCODE_CONFIG_CONTENT!);
  expect(config.instructions).toEqual(["/d/role.md"]);
  expect(config.plugin[0][0]).toBe(pathToFileURL(PLUGIN).href);
  expect(config.plugin[0][1]).toMatchObject({ dir: "/d", access: "write" });
  expect(files).toContainEqual({ path: "/d/role.md", text: "You are bo." });
});

test("where the person's own OPENCODE_CONFIG_CONTENT is set it stays, and ours is a file", () => {
  const { env, files } = launch({ env: { OPENCODE_CONFIG_CONTENT: "{}" } });
  expect(env).toEqual({ OPENCODE_CONFIG: "/d/opencode.json" });
  const ours = files.find(({ path }) => path === "/d/opencode.json");
  expect(JSON.parse(ours!.text).plugin).toHaveLength(1);
});

test("an old conversation goes on with the first prompt that the plugin submits", () => {
  const { argv, env } = launch({ resume: "ses_1" });
  expect(argv).toEqual(["opencode", "--session", "ses_1", "--model", "a/b"]);
  const [[, options]] = JSON.parse(env!.OPENCODE_CONFIG_CONTENT!).plugin;
  expect(options.resume).toEqual({ session: "ses_1", prompt: "-x\n$(id)" });
});
