import { afterEach, beforeEach, expect, test } from "vitest";
import { type ScriptedModel, startModel } from "./server.ts";

let model: ScriptedModel;
beforeEach(async () => {
  model = await startModel();
});
afterEach(() => model.close());

const TOOLS = [{ type: "function", function: { name: "bash", parameters: {} } }];

function post(body: object) {
  const request = { model: "scripted", ...body };
  const path = "/v1/chat/completions";
  return fetch(model.url + path, { method: "POST", body: JSON.stringify(request) });
}
const user = (content: unknown) => ({ role: "user", content });
const say = (content: unknown, ...more: object[]) =>
  post({ tools: TOOLS, stream: true, messages: [user(content), ...more] });

interface Delta {
  content?: string;
  tool_calls?: { id: string; function: { name: string; arguments: string } }[];
}
interface Chunk {
  choices: { delta: Delta; finish_reason: string | null }[];
  usage?: object;
}

async function chunks(response: Response): Promise<Chunk[]> {
  const frames = (await response.text()).split("\n\n").filter(Boolean);
  expect(frames.at(-1)).toBe("data: [DONE]");
  return frames.slice(0, -1).map((frame) => JSON.parse(frame.replace(/^data: /, "")));
}
const deltas = async (response: Response) =>
  (await chunks(response)).flatMap(({ choices }) => choices.map(({ delta }) => delta));
const text = async (response: Response) =>
  (await deltas(response)).map(({ content }) => content ?? "").join("");

test("a streamed answer is chunks with one finish reason, the usage and [DONE]", async () => {
  const response = await say("hello");
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const got = await chunks(response);
  expect(got.flatMap(({ choices }) => choices.map((one) => one.finish_reason))).toEqual([
    ...Array(got.length - 2).fill(null),
    "stop",
  ]);
  expect(got.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 1037 + 513 + 217 } });
});

test("by default the prompt comes back byte for byte, as a string or in parts", async () => {
  const odd = "two  blanks\n\ttab, a \\ and 👩‍💻";
  expect(await text(await say(odd))).toBe(`ECHO: ${odd}`);
  expect(await text(await say([{ type: "text", text: odd }]))).toBe(`ECHO: ${odd}`);
});

test("RUN calls the shell tool, then reports its result", async () => {
  const [call] = (await deltas(await say("RUN: echo a"))).flatMap((one) => one.tool_calls ?? []);
  expect(call?.function.name).toBe("bash");
  expect(JSON.parse(call!.function.arguments)).toMatchObject({ command: "echo a" });
  const after = await say(
    "RUN: echo a",
    { role: "assistant", content: "", tool_calls: [call] },
    { role: "tool", tool_call_id: call!.id, content: "a" },
  );
  expect(await text(after)).toBe("done: a");
  expect(model.main().at(-1)).toMatchObject({ prompt: "RUN: echo a", toolResults: ["a"] });
});

test("mail behind a prompt is context and no prompt; alone it wakes the model", async () => {
  const mail = "You have 1 new message:\n\n--- From: lead-1 (status) ---\n";
  await say([
    { type: "text", text: "FAIL 400" },
    { type: "text", text: mail },
  ]);
  expect(model.requests.at(-1)).toMatchObject({ prompt: "FAIL 400", context: mail });
  const answer = await say("hi", { role: "assistant", content: "ECHO: hi" }, user(mail));
  expect(await text(answer)).toBe("noted");
  expect(model.requests.at(-1)).toMatchObject({ prompt: "", context: mail });
});

test("what the model said itself is not counted as given to it", async () => {
  await say("mail-7", { role: "assistant", content: "ECHO: mail-7" }, user("next"));
  expect(
    model
      .main()
      .at(-1)
      ?.given.match(/mail-7/g),
  ).toHaveLength(1);
});

test("a failure has the API's form, and goes away after its count", async () => {
  const response = await say("FAIL 500 1");
  expect(response.status).toBe(500);
  expect(await response.json()).toMatchObject({ error: { message: "scripted failure 500" } });
  expect(await text(await say("FAIL 500 1"))).toBe("recovered");
});

test("a request without tools is a side request; unstreamed it gets one whole message", async () => {
  const response = await post({ messages: [user("RUN: rm")] });
  expect(await response.json()).toMatchObject({
    object: "chat.completion",
    choices: [{ message: { content: "scripted" }, finish_reason: "stop" }],
  });
  expect(model.requests.map(({ kind }) => kind)).toEqual(["side"]);
});
