/** The Chat Completions API, as far as OpenCode 1.18.33 uses it (measured 2026-11). */

import type { Dialect, Reading, Reply } from "./dialect.ts";
import { sendJson } from "./dialect.ts";
import { type Answer, pieces } from "./rules.ts";

interface Part {
  type: string;
  text?: string;
}

interface Message {
  role: string;
  content?: string | Part[] | null;
  tool_calls?: unknown[];
}

interface Body {
  model?: string;
  messages?: Message[];
  tools?: unknown[];
  stream?: boolean;
}

/** Mail that a plugin put behind a prompt or in place of one. */
const MAIL = /^You have \d+ new messages?:\n/;

function texts({ content }: Message): string[] {
  if (typeof content === "string") return [content];
  return (content ?? []).map(({ text }) => text ?? "");
}

const isMail = (text: string) => MAIL.test(text.trimStart());

/**
 * Walks back from the newest message to the newest real text; what it passes came after it. Beyond
 * an answer without a tool call everything is settled: then only context woke the model.
 */
function readTurn(messages: readonly Message[]): Omit<Reading["turn"], "given"> {
  const toolResults: string[] = [];
  const context: string[] = [];
  let answered = false;
  for (const message of [...messages].reverse()) {
    const { role } = message;
    if (role === "assistant") {
      if (!message.tool_calls?.length) break;
      answered = true;
    } else if (role === "tool") {
      toolResults.unshift(texts(message).join("\n"));
    } else {
      const said = texts(message);
      if (!answered) context.unshift(...said.filter((text) => role !== "user" || isMail(text)));
      const real = role === "user" ? said.filter((text) => text !== "" && !isMail(text)) : [];
      const prompt = real.at(-1);
      if (prompt !== undefined) {
        return { prompt, toolResults, context: context.join("\n") };
      }
    }
  }
  return { prompt: "", toolResults, context: context.join("\n") };
}

const givenText = (messages: readonly Message[]) =>
  messages
    .filter(({ role }) => role !== "assistant")
    .flatMap(texts)
    .join("\n");

let serial = 0;

function toolCall(answer: Answer): object | undefined {
  if (answer.type !== "tool" && answer.type !== "shell") return undefined;
  const [name, input] =
    answer.type === "tool"
      ? [answer.name, answer.input]
      : ["bash", { command: answer.command, description: "scripted" }];
  const call = { name, arguments: JSON.stringify(input) };
  return { index: 0, id: `call_scripted_${++serial}`, type: "function", function: call };
}

/** Here the prompt holds what came from the cache, and the answer what was reasoned. */
const usageOf = ({ spent }: Reply) => ({
  prompt_tokens: spent.input + spent.cacheRead,
  completion_tokens: spent.output,
  total_tokens: spent.input + spent.cacheRead + spent.output,
  prompt_tokens_details: { cached_tokens: spent.cacheRead },
  completion_tokens_details: { reasoning_tokens: spent.reasoning },
});
const head = (model: string, object: string) => ({
  id: `chatcmpl-scripted-${++serial}`,
  object,
  created: 1,
  model,
});

function sendWhole(to: Reply, model: string, answer: Answer): void {
  const call = toolCall(answer);
  const content = answer.type === "text" ? answer.text : null;
  const message = { role: "assistant", content, ...(call ? { tool_calls: [call] } : {}) };
  const choice = { index: 0, message, finish_reason: call ? "tool_calls" : "stop" };
  sendJson(to.res, 200, {
    ...head(model, "chat.completion"),
    choices: [choice],
    usage: usageOf(to),
  });
}

async function sendStream(to: Reply, model: string, answer: Answer): Promise<void> {
  const base = head(model, "chat.completion.chunk");
  const write = (data: object) => to.res.write(`data: ${JSON.stringify({ ...base, ...data })}\n\n`);
  const send = (delta: object, finish_reason: string | null = null) =>
    write({ choices: [{ index: 0, delta, finish_reason }] });
  const call = toolCall(answer);
  to.res.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  send({ role: "assistant", content: "" });
  if (call) send({ tool_calls: [call] });
  else if (answer.type === "text") {
    for await (const text of pieces(answer, to.wait)) {
      if (to.closed()) return;
      send({ content: text });
    }
  }
  send({}, call ? "tool_calls" : "stop");
  write({ choices: [], usage: usageOf(to) });
  to.res.end("data: [DONE]\n\n");
}

export const openaiChat: Dialect = {
  name: "openai-chat",
  handles: (method, path) => method === "POST" && path === "/v1/chat/completions",
  read: (_path, { model = "", messages = [], tools }: Body) => ({
    kind: tools?.length ? "main" : "side",
    model,
    turn: { ...readTurn(messages), given: givenText(messages) },
  }),
  async reply(to, { model = "scripted", stream }: Body, _kind, answer) {
    if (answer.type === "fail") {
      const error = { message: `scripted failure ${answer.status}`, type: "api_error" };
      return sendJson(to.res, answer.status, { error });
    }
    if (!stream) return sendWhole(to, model, answer);
    await sendStream(to, model, answer);
  },
};
