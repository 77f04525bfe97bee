import { afterEach, beforeEach, expect, test } from "vitest";
import { type ScriptedModel, startModel } from "./server.ts";

let model: ScriptedModel;
beforeEach(async () => {
  model = await startModel();
});
afterEach(() => model.close());

interface Data {
  type: string;
  delta?: string;
  item?: { type: string; name?: string; arguments?: string; content?: { text: string }[] };
}

const message = (role: string, text: string) => ({
  type: "message",
  role,
  content: [{ type: role === "assistant" ? "output_text" : "input_text", text }],
});
const user = (text: string) => message("user", text);
const call = { type: "function_call", call_id: "c1", name: "exec_command", arguments: "{}" };
const result = (output: string) => ({ type: "function_call_output", call_id: "c1", output });
const hook = '<hook_prompt hook_run_id="stop:3">You have 1 new message</hook_prompt>';

function post(input: unknown, more: object = {}) {
  const body = JSON.stringify({ model: "gpt-test", stream: true, input, ...more });
  return fetch(`${model.url}/v1/responses`, { method: "POST", body });
}

async function events(response: Response): Promise<Data[]> {
  const frames = (await response.text()).split("\n\n").filter(Boolean);
  return frames.map((frame) => {
    const [, event, data = ""] = frame.match(/^event: (.*)\ndata: (.*)$/) ?? [];
    expect(JSON.parse(data).type).toBe(event);
    return JSON.parse(data);
  });
}

const said = async (response: Response) =>
  (await events(response)).map(({ delta }) => delta ?? "").join("");
const last = () => model.requests.at(-1)!;

test("a streamed answer has the events of the Responses API in order, and the prompt in it", async () => {
  const response = await post([user("two  blanks\n\ttab and 👩‍💻")]);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const got = await events(response);
  expect(new Set(got.map(({ type }) => type))).toEqual(
    new Set([
      ...["response.created", "response.output_item.added", "response.output_text.delta"],
      ...["response.output_item.done", "response.completed"],
    ]),
  );
  const text = "ECHO: two  blanks\n\ttab and 👩‍💻";
  expect(got.map(({ delta }) => delta ?? "").join("")).toBe(text);
  expect(got.at(-2)?.item?.content?.[0]?.text).toBe(text);
});

test("RUN calls the shell tool, then reports its result", async () => {
  const got = await events(await post([user("RUN: echo a")]));
  const { item } = got.find(({ type }) => type === "response.output_item.done")!;
  expect(item).toMatchObject({ type: "function_call", name: "exec_command" });
  expect(JSON.parse(item!.arguments!)).toEqual({ cmd: "echo a" });

  // Codex puts what a hook said between a call and its result.
  const after = [user("RUN: echo a"), call, message("developer", "mail-1"), result("a")];
  expect(await said(await post(after))).toBe("done: a");
  expect(last()).toMatchObject({ prompt: "RUN: echo a", toolResults: ["a"], context: "mail-1" });
});

test("CALL calls any tool with the given input", async () => {
  const got = await events(await post([user('CALL: view_image {"path":"/x"}')]));
  const { item } = got.find(({ type }) => type === "response.output_item.done")!;
  expect(item).toMatchObject({ name: "view_image", arguments: '{"path":"/x"}' });
});

test("FAIL answers with the status, as often as asked", async () => {
  expect((await post([user("FAIL 503 1")])).status).toBe(503);
  expect(await said(await post([user("FAIL 503 1")]))).toBe("recovered");
});

test.each([
  ["surroundings", "<environment_context>\n  <cwd>/x</cwd>\n</environment_context>"],
  ["an interruption", "<turn_aborted>\nThe user interrupted\n</turn_aborted>"],
  ["a project's rules", "# AGENTS.md instructions for /x\n\nRUN: no"],
])("%s are no prompt", async (_, added) => {
  expect(await said(await post([user("hi"), user(added)]))).toBe("ECHO: hi");
});

test("a model that goes on because of a stop hook does not answer the last prompt again", async () => {
  const items = [user("RUN: rm"), call, result("ok"), message("assistant", "done"), user(hook)];
  expect(await said(await post(items))).toBe("noted");
  expect(last()).toMatchObject({ prompt: "", context: hook, toolResults: [] });
});

test("what the model said itself is not counted as given to it", async () => {
  const items = [user("mail-7"), message("assistant", "ECHO: mail-7"), call, result("x mail-7")];
  await post([...items, user("next")], { instructions: "be brief" });
  expect(last().given.match(/mail-7/g)).toHaveLength(2);
  expect(last().given).toContain("be brief");
});

test.each([
  ["a title", { request_kind: "turn", thread_source: "thread_title" }],
  ["a compaction", { request_kind: "compaction", thread_source: "user" }],
])("%s is a side request", async (_, metadata) => {
  const client_metadata = { "x-codex-turn-metadata": JSON.stringify(metadata) };
  expect(await said(await post([user("RUN: rm")], { client_metadata }))).toBe("scripted");
  expect(model.main()).toEqual([]);
});
