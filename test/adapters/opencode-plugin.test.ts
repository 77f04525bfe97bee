import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
// @ts-expect-error: plain JavaScript, for OpenCode to load.
import overture from "../../templates/opencode-plugin.js";

let dir: string;
// biome-ignore lint/suspicious/noExplicitAny: the plugin has no types.
let plugin: any;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "ov-plugin-"));
});
afterEach(async () => {
  await plugin.dispose();
  rmSync(dir, { recursive: true, force: true });
});

async function load(hook: string, access = "write") {
  const hooks = { UserPromptSubmit: hook, PostToolUse: hook, Stop: hook };
  // All that is asked of OpenCode itself: whose conversation this is.
  const get = async ({ path }: { path: { id: string } }) => ({
    data: { parentID: path.id === "ses_child" ? "ses_1" : undefined },
  });
  const client = { session: { get } };
  plugin = await overture({ client }, { dir, bell: "/nowhere", hooks, access });
}
async function prompt(sessionID = "ses_1") {
  const parts = [{ id: "prt_1fcb4dddb001zd9eQXeO5j2wXk", type: "text", text: "hi" }];
  const message = { id: "msg_1", agent: "plan", model: { providerID: "p", modelID: "m" } };
  await plugin["chat.message"]({ sessionID }, { message, parts });
  return parts;
}
async function tool(output: unknown, sessionID = "ses_1") {
  const result = { output };
  await plugin["tool.execute.after"]({ tool: "bash", sessionID, callID: "c" }, result);
  return result.output;
}

test("what a hook prints is a part behind the prompt that a person does not see", async () => {
  await load("cat >/dev/null; printf 'You have 1 new message:\\n'");
  const [, mail] = await prompt();
  expect(mail).toEqual({
    id: "prt_1fcb4dddb002zd9eQXeO5j2wXk",
    messageID: "msg_1",
    sessionID: "ses_1",
    type: "text",
    text: "You have 1 new message:\n",
    synthetic: true,
  });
});

test("a hook gets the event and the conversation as JSON, whatever they hold", async () => {
  await load(`cat >'${dir}/stdin'`);
  await prompt();
  expect(JSON.parse(readFileSync(join(dir, "stdin"), "utf8"))).toMatchObject({
    hook_event_name: "UserPromptSubmit",
    session_id: "ses_1",
  });
});

test("a subagent's prompt gets no mail, also before its conversation was told of", async () => {
  await load("cat >/dev/null; printf mail");
  expect(await prompt()).toHaveLength(2);
  expect(await prompt("ses_child")).toHaveLength(1);
  expect(await prompt("ses_new")).toHaveLength(2);
});

test("mail stands behind a tool's result; results in parts and subagents' tools are left", async () => {
  await load("cat >/dev/null; printf mail");
  await prompt();
  expect(await tool("done")).toBe("done\n\nmail");
  expect(await tool([{ type: "text" }])).toEqual([{ type: "text" }]);
  expect(await tool("done", "ses_child")).toBe("done");
});

test.each([
  ["fails", "exit 3"],
  ["is not there", "/nowhere/ov"],
  ["does not read", "exec <&-; exit 0"],
])("a hook that %s changes nothing", async (_, hook) => {
  await load(hook);
  expect(await prompt()).toHaveLength(1);
  expect(await tool("done")).toBe("done");
});

test("a hook that hangs, with a child that holds its output, is left after 5 s", async () => {
  await load("sleep 30 & sleep 30");
  const before = Date.now();
  expect(await prompt()).toHaveLength(1);
  expect(Date.now() - before).toBeLessThan(6_500);
}, 10_000);

test("the state is in the session's folder, private, and follows what OpenCode tells", async () => {
  await load("cat >/dev/null");
  const state = () => JSON.parse(readFileSync(join(dir, "state.json"), "utf8"));
  const tell = (type: string, properties: object) => plugin.event({ event: { type, properties } });
  expect(state().status).toBe("starting");
  await prompt();
  expect(state()).toMatchObject({ status: "busy", sessionId: "ses_1" });
  await tell("permission.asked", { id: "per_1", permission: "bash", sessionID: "ses_1" });
  expect(state()).toMatchObject({ status: "waiting", waitingFor: "permission: bash" });
  await tell("permission.replied", { requestID: "per_1", sessionID: "ses_1" });
  expect(state().status).toBe("busy");
  await tell("session.idle", { sessionID: "ses_child" });
  expect(state().status).toBe("busy");
  await tell("session.idle", { sessionID: "ses_1" });
  await expect.poll(() => state().status).toBe("idle");
});

test("nothing breaks when the session's folder is gone or an event has another form", async () => {
  await load("cat >/dev/null");
  rmSync(dir, { recursive: true });
  expect(await prompt()).toHaveLength(1);
  await plugin.event({ event: { type: "session.status", properties: undefined } });
  expect(existsSync(dir)).toBe(false);
});

async function permitted(permission: unknown, access = "write") {
  await load("true", access);
  const config = { permission, agent: { plan: { permission: { bash: "deny" } } } };
  await plugin.config(config);
  return config;
}

test("ov needs no dialog, and a person's own rules stay as strict as they were", async () => {
  expect((await permitted(undefined)).permission).toEqual({
    bash: { "*": "allow", ov: "allow", "ov *": "allow" },
  });
  const { permission, agent } = await permitted({ bash: "ask", edit: "ask" });
  expect(permission).toEqual({
    bash: { "*": "ask", ov: "allow", "ov *": "allow" },
    edit: "ask",
  });
  expect(agent.plan.permission.bash).toEqual({ "*": "deny", ov: "allow", "ov *": "allow" });
  const mine = { bash: { "ov *": "deny", "*": "deny", "npm *": "allow" } };
  const kept = (await permitted(mine)).permission as { bash: object };
  expect(Object.entries(kept.bash)).toEqual([
    ["*", "deny"],
    ["npm *", "allow"],
    ["ov", "allow"],
    ["ov *", "allow"],
  ]);
});

test("a reader edits nothing, and asks before commands that may write", async () => {
  const { permission } = (await permitted("allow", "read")) as { permission: { bash: object } };
  expect(permission).toMatchObject({ edit: "deny", bash: { "*": "ask", "git log *": "allow" } });
  expect(Object.keys(permission.bash).slice(-4)).toEqual([
    "git *>*",
    "git *--output*",
    "ov",
    "ov *",
  ]);
  const strict = (await permitted({ bash: "deny" }, "read")).permission;
  expect(strict).toEqual({
    edit: "deny",
    bash: { "*": "deny", ov: "allow", "ov *": "allow" },
  });
});
