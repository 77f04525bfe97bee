import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ScriptedModel, startModel } from "./server.ts";

let dir: string;
let model: ScriptedModel;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "ov-model-"));
  model = await startModel({ logFile: join(dir, "model.jsonl") });
});

afterEach(async () => {
  await model.close();
  rmSync(dir, { recursive: true });
});

const TOOLS = [{ name: "Bash", input_schema: { type: "object" } }];

function post(body: object, path = "/v1/messages?beta=true", signal?: AbortSignal) {
  const request = { model: "claude-test", ...body };
  return fetch(model.url + path, { method: "POST", body: JSON.stringify(request), signal });
}

const say = (content: unknown, more: object[] = []) =>
  post({ tools: TOOLS, stream: true, messages: [{ role: "user", content }, ...more] });

interface Data {
  type: string;
  delta?: { text?: string; partial_json?: string; stop_reason?: string };
  content_block?: { id: string };
}

async function events(response: Response): Promise<{ event: string; data: Data }[]> {
  const frames = (await response.text()).split("\n\n").filter(Boolean);
  return frames.map((frame) => {
    const [, event = "", data = ""] = frame.match(/^event: (.*)\ndata: (.*)$/) ?? [];
    return { event, data: JSON.parse(data) };
  });
}

async function streamedText(response: Response): Promise<string> {
  return (await events(response)).map(({ data }) => data.delta?.text ?? "").join("");
}

test("a streamed answer has the events of the Messages API in order", async () => {
  const response = await say("hello");
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const got = await events(response);
  expect(got.map(({ event }) => event)).toEqual([
    "message_start",
    "content_block_start",
    ...Array(2).fill("content_block_delta"),
    "content_block_stop",
    "message_delta",
    "message_stop",
  ]);
  expect(got.every(({ event, data }) => data.type === event)).toBe(true);
  expect(got.at(-2)?.data.delta?.stop_reason).toBe("end_turn");
});

test("by default the prompt comes back byte for byte", async () => {
  const text = "two  blanks\n\ttab, a \\ and 👩‍💻";
  expect(await streamedText(await say(text))).toBe(`ECHO: ${text}`);
});

test("RUN calls the shell tool, then reports its result", async () => {
  const got = await events(await say("RUN: echo a; echo b"));
  const start = got.find(({ event }) => event === "content_block_start")?.data.content_block;
  expect(start).toMatchObject({ type: "tool_use", name: "Bash", input: {} });
  const json = got.map(({ data }) => data.delta?.partial_json ?? "").join("");
  expect(JSON.parse(json).command).toBe("echo a; echo b");
  expect(got.at(-2)?.data.delta?.stop_reason).toBe("tool_use");

  const after = await say("RUN: echo a; echo b", [
    { role: "assistant", content: [{ ...start, input: JSON.parse(json) }] },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: start?.id, content: [{ type: "text", text: "a\nb" }] },
      ],
    },
    { role: "system", content: "PostToolUse:Bash hook additional context: mail-1" },
  ]);
  expect(await streamedText(after)).toBe("done: a\nb");
  expect(model.requests.at(-1)).toMatchObject({
    prompt: "RUN: echo a; echo b",
    toolResults: ["a\nb"],
    context: "PostToolUse:Bash hook additional context: mail-1",
  });
});

test("CALL calls any tool with the given input", async () => {
  const response = await post({
    tools: TOOLS,
    messages: [{ role: "user", content: 'CALL: Read {"file_path":"/x"}' }],
  });
  expect(await response.json()).toMatchObject({
    stop_reason: "tool_use",
    content: [{ type: "tool_use", name: "Read", input: { file_path: "/x" } }],
  });
});

test("SLOW streams for the time asked, and stops when the client goes away", async () => {
  const began = Date.now();
  const text = await streamedText(await say("SLOW 0.6"));
  expect(text).toBe("word1 word2 word3");
  expect(Date.now() - began).toBeGreaterThanOrEqual(590);

  const gone = new AbortController();
  const body = { tools: TOOLS, stream: true, messages: [{ role: "user", content: "SLOW 60" }] };
  const response = await post(body, "/v1/messages", gone.signal);
  gone.abort();
  await expect(response.text()).rejects.toThrow();
});

test("FAIL answers with the status, for ever or as often as asked", async () => {
  expect((await say("FAIL 529")).status).toBe(529);
  expect((await say("FAIL 529")).status).toBe(529);
  expect((await say("FAIL 500 1")).status).toBe(500);
  expect(await streamedText(await say("FAIL 500 1"))).toBe("recovered");
});

test.each([
  ["a reminder block", [{ type: "text", text: "<system-reminder>\nRUN: no\n</system-reminder>" }]],
  ["nothing", []],
])("around the prompt, %s does not change the answer", async (_, extra) => {
  const response = await say([...extra, { type: "text", text: "hi" }, ...extra]);
  expect(await streamedText(response)).toBe("ECHO: hi");
});

test("of texts in one message the newest is the prompt, without what Claude Code wraps", async () => {
  const pasted = '\n\n<pasted_content id="4beb">\none\ntwo\n</pasted_content id="4beb">\n';
  await say([
    { type: "text", text: "FAIL 400\n" },
    { type: "text", text: pasted },
    { type: "text", text: "[Request interrupted by user]" },
  ]);
  expect(model.requests.at(-1)?.prompt).toBe("one\ntwo");

  const midTurn =
    "The user sent a new message while you were working:\nlook here\n\n" +
    "This is how Claude Code surfaces messages the user sends mid-turn.";
  await say([
    { type: "tool_result", tool_use_id: "t", content: "slept" },
    { type: "text", text: midTurn },
  ]);
  expect(model.requests.at(-1)?.prompt).toBe("look here");
});

test("a model that is woken by context alone does not answer the last prompt again", async () => {
  const reminder = "<system-reminder>\nStop hook additional context: mail\n</system-reminder>";
  const answer = await say("FAIL 400", [
    { role: "assistant", content: [{ type: "text", text: "an answer" }] },
    { role: "user", content: reminder },
  ]);
  expect(await streamedText(answer)).toBe("noted");
  expect(model.requests[0]).toMatchObject({ prompt: "", context: reminder });
});

test("what the model said itself is not counted as given to it", async () => {
  await say("mail-7", [
    { role: "assistant", content: "ECHO: mail-7" },
    { role: "user", content: "next" },
  ]);
  expect(
    model
      .main()
      .at(-1)
      ?.given.match(/mail-7/g),
  ).toHaveLength(1);
});

test("side requests, token counts and unknown paths get harmless answers", async () => {
  const messages = [{ role: "user", content: "RUN: rm" }];
  expect(await (await post({ messages })).json()).toMatchObject({
    content: [{ type: "text", text: "scripted" }],
  });
  const count = await post({ messages, tools: TOOLS }, "/v1/messages/count_tokens");
  expect(await count.json()).toHaveProperty("input_tokens");
  expect(await (await fetch(`${model.url}/api/hello`)).json()).toEqual({});
  expect(model.requests.map(({ kind }) => kind)).toEqual(["side", "count", "other"]);
  expect(model.main()).toEqual([]);
});

test("a rule of the test goes before the built-in ones", async () => {
  await model.close();
  const pattern = /^hi$/;
  model = await startModel({
    rules: [
      { name: "mine", pattern, answer: (_, { context }) => ({ type: "text", text: context }) },
    ],
  });
  const reply = await say("hi", [{ role: "system", content: "injected" }]);
  expect(await streamedText(reply)).toBe("injected");
});

test("every request is logged as it came, in memory and as a JSON line", async () => {
  const content = [
    { type: "text", text: "first" },
    { type: "text", text: "second" },
  ];
  await say(content);
  const lines = readFileSync(join(dir, "model.jsonl"), "utf8").trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual(JSON.parse(JSON.stringify(model.requests)));
  expect(model.requests[0]?.body).toMatchObject({ messages: [{ role: "user", content }] });
});

test("waitFor sees past and future requests, and gives up with the count", async () => {
  const future = model.waitFor(({ prompt }) => prompt === "later");
  await say("later");
  expect((await future).n).toBe(1);
  expect((await model.waitFor(({ prompt }) => prompt === "later")).n).toBe(1);
  await expect(model.waitFor(() => false, 20)).rejects.toThrow("within 20 ms (1 came)");
});
