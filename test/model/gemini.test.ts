import { afterEach, beforeEach, expect, test } from "vitest";
import { type ScriptedModel, startModel } from "./server.ts";

let model: ScriptedModel;
beforeEach(async () => {
  model = await startModel();
});
afterEach(() => model.close());

const TOOLS = [{ functionDeclarations: [{ name: "run_shell_command" }] }];
const BASE = "/v1beta/models/gemini-test";

function post(body: object, verb = "streamGenerateContent?alt=sse", signal?: AbortSignal) {
  return fetch(`${model.url}${BASE}:${verb}`, {
    method: "POST",
    body: JSON.stringify(body),
    signal,
  });
}

type Parts = ({ text: string } | object)[];
const user = (...parts: Parts) => ({ role: "user", parts });
const said = (...parts: Parts) => ({ role: "model", parts });
const context = { text: "<session_context>\nToday\n</session_context>" };

const say = (text: string, ...more: object[]) =>
  post({ tools: TOOLS, contents: [user(context, { text }), ...more] });

interface Part {
  text?: string;
  functionCall?: { name: string; args: unknown };
}

async function chunks(response: Response): Promise<{ part: Part; finish: string | undefined }[]> {
  const frames = (await response.text()).split("\r\n\r\n").filter(Boolean);
  return frames.map((frame) => {
    const [candidate] = JSON.parse(frame.replace(/^data: /, "")).candidates;
    return { part: candidate.content.parts[0], finish: candidate.finishReason };
  });
}
// biome-ignore lint/suspicious/noExplicitAny: the JSON of any answer.
const json = async (response: Response | Promise<Response>): Promise<any> =>
  (await response).json();
const textOf = async (response: Response) =>
  (await chunks(response)).map(({ part }) => part.text ?? "").join("");

test("an answer is streamed as chunks of which only the last has a reason to end", async () => {
  const response = await say("hello");
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const got = await chunks(response);
  expect(got.map(({ finish }) => finish)).toEqual([undefined, undefined, "STOP"]);
  expect(got.map(({ part }) => part.text).join("")).toBe("ECHO: hello");
});

test("RUN calls the shell tool, then reports its result without what a hook added", async () => {
  const { part } = (await chunks(await say("RUN: echo a; echo b")))[0]!;
  const { name, args } = part.functionCall!;
  expect([name, (args as { command: string }).command]).toEqual([
    "run_shell_command",
    "echo a; echo b",
  ]);

  const output = "a\nb\n\n<hook_context>mail-1</hook_context>";
  const result = { functionResponse: { name, response: { output } } };
  expect(await textOf(await say("RUN: echo a; echo b", said(part), user(result)))).toBe(
    "done: a\nb",
  );
  expect(model.requests.at(-1)).toMatchObject({
    prompt: "RUN: echo a; echo b",
    toolResults: ["a\nb"],
    context: "<hook_context>mail-1</hook_context>",
  });
});

test("the prompt is without its hook's context, and the newest text of a person", async () => {
  const added = { text: "<hook_context>You have mail</hook_context>" };
  await say("first", said({ text: "ECHO: first" }), user({ text: "second" }, added));
  expect(model.requests[0]).toMatchObject({ prompt: "second", context: added.text });
  await say("only the session", said({ text: "x" }), user(added));
  expect(model.requests[1]).toMatchObject({ prompt: "", context: added.text });
});

test("what the model said itself is not counted as given to it", async () => {
  const systemInstruction = { parts: [{ text: "You are bo" }] };
  const contents = [user({ text: "mail-7" }), said({ text: "ECHO: mail-7" }), user({ text: "on" })];
  await post({ tools: TOOLS, contents, systemInstruction });
  const { given } = model.main()[0]!;
  expect(given.match(/mail-7/g)).toHaveLength(1);
  expect(given).toContain("You are bo");
});

test("FAIL answers with the status in the API's form", async () => {
  const response = await say("FAIL 429");
  expect([response.status, (await json(response)).error.code]).toEqual([429, 429]);
});

test("SLOW stops when the client goes away", async () => {
  const gone = new AbortController();
  const body = { tools: TOOLS, contents: [user({ text: "SLOW 60" })] };
  const response = await post(body, undefined, gone.signal);
  gone.abort();
  await expect(response.text()).rejects.toThrow();
});

test("requests without tools are side requests, whole answers and counts are not streamed", async () => {
  const contents = [user({ text: "hi" })];
  const side = await json(post({ contents }, "generateContent"));
  expect(side.candidates[0].content.parts).toEqual([{ text: "scripted" }]);
  const main = await json(post({ contents, tools: TOOLS }, "generateContent"));
  expect(main.candidates[0].content.parts).toEqual([{ text: "ECHO: hi" }]);
  expect(await json(post({ contents }, "countTokens"))).toEqual({ totalTokens: 1000 + 37 * 3 });
  expect(model.requests.map(({ kind }) => kind)).toEqual(["side", "main", "count"]);
  expect(model.requests[0]!.model).toBe("gemini-test");
});
