/** The Anthropic Messages API, as far as Claude Code 2.1.329 uses it (measured 2026-11). */

import type { Dialect, Kind, Reading, Reply } from "./dialect.ts";
import { sendEvent, sendJson } from "./dialect.ts";
import { type Answer, pieces } from "./rules.ts";

interface Block {
  type: string;
  text?: string;
  content?: string | Block[];
}

interface Message {
  role: string;
  content: string | Block[];
}

interface Body {
  model?: string;
  system?: string | Block[];
  messages?: Message[];
  tools?: unknown[];
  stream?: boolean;
}

/** What Claude Code wraps around text: its own notes, big pastes, messages typed during a tool. */
const REMINDER = /<system-reminder>[\s\S]*?<\/system-reminder>/g;
const PASTE_TAG = /<\/?pasted_content id="[^"]*">\n?/g;
const INTERRUPTED = /^\[Request interrupted by user[^\]]*\]$/;
const MID_TURN =
  /^The user sent a new message while you were working:\n([\s\S]*?)\n\nThis is how Claude Code /;

function blocks(content: string | Block[]): readonly Block[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

function textOf(block: Block): string {
  if (typeof block.content === "string") return block.content;
  return block.content ? block.content.map(textOf).join("\n") : (block.text ?? "");
}

function realText(block: Block): string {
  const text = textOf(block).replace(REMINDER, "").replace(PASTE_TAG, "").trim();
  return INTERRUPTED.test(text) ? "" : (text.match(MID_TURN)?.[1] ?? text);
}

/**
 * Walks back from the newest message to the newest real text; what it passes came after it. Beyond
 * an answer without a tool call everything is settled: then only context woke the model.
 */
function readTurn(messages: readonly Message[]): Omit<Reading["turn"], "given"> {
  const toolResults: string[] = [];
  const context: string[] = [];
  let answered = false;
  for (const { role, content } of [...messages].reverse()) {
    const all = blocks(content);
    if (role === "assistant") {
      if (!all.some((block) => block.type === "tool_use")) break;
      answered = true;
      continue;
    }
    const said = all.filter((block) => block.type !== "tool_result");
    const added =
      role === "user"
        ? said.flatMap((block) => textOf(block).match(REMINDER) ?? [])
        : said.map(textOf);
    if (!answered) context.unshift(...added);
    // Prompts that got no answer (queued, failed, interrupted) share a message: the newest counts.
    const prompt = role === "user" ? said.map(realText).findLast(Boolean) : "";
    if (prompt) return { prompt, toolResults, context: context.join("\n") };
    const results = all.filter((block) => block.type === "tool_result");
    toolResults.unshift(...results.map(textOf));
  }
  return { prompt: "", toolResults, context: context.join("\n") };
}

function givenText(body: Body): string {
  const heard = (body.messages ?? []).filter((message) => message.role !== "assistant");
  return [body.system ?? "", ...heard.map((message) => message.content)]
    .flatMap(blocks)
    .map(textOf)
    .join("\n");
}

function kindOf(path: string, body: Body): Kind {
  if (path.endsWith("/count_tokens")) return "count";
  return body.tools?.length ? "main" : "side";
}

let serial = 0;
const nextId = (prefix: string) => `${prefix}_scripted_${++serial}`;

function toolUse(answer: Answer): { name: string; input: unknown } | undefined {
  if (answer.type === "tool") return { name: answer.name, input: answer.input };
  if (answer.type !== "shell") return undefined;
  return { name: "Bash", input: { command: answer.command, description: "scripted" } };
}

const usageOf = ({ spent }: Reply) => ({
  input_tokens: spent.input,
  cache_read_input_tokens: spent.cacheRead,
  cache_creation_input_tokens: spent.cacheWrite5m + spent.cacheWrite1h,
  cache_creation: {
    ephemeral_5m_input_tokens: spent.cacheWrite5m,
    ephemeral_1h_input_tokens: spent.cacheWrite1h,
  },
  output_tokens: spent.output,
});

function envelope(to: Reply, model: string) {
  return {
    id: nextId("msg"),
    type: "message",
    role: "assistant",
    model,
    stop_sequence: null,
    usage: usageOf(to),
  };
}

function sendFailure(to: Reply, status: number): void {
  const error = { type: "api_error", message: `scripted failure ${status}` };
  sendJson(to.res, status, { type: "error", error });
}

function sendWhole(to: Reply, model: string, answer: Answer): void {
  const tool = toolUse(answer);
  const text = answer.type === "text" ? answer.text : "";
  sendJson(to.res, 200, {
    ...envelope(to, model),
    content: tool ? [{ type: "tool_use", id: nextId("toolu"), ...tool }] : [{ type: "text", text }],
    stop_reason: tool ? "tool_use" : "end_turn",
  });
}

async function sendStream(to: Reply, model: string, answer: Answer): Promise<void> {
  const { res } = to;
  const send = (event: string, data: object) => sendEvent(res, event, data);
  const delta = (part: object) => send("content_block_delta", { index: 0, delta: part });
  const tool = toolUse(answer);
  res.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  // The API counts what is written as it goes: only the end has all of it.
  const begin = { ...envelope(to, model), usage: { ...usageOf(to), output_tokens: 1 } };
  send("message_start", { message: { ...begin, content: [], stop_reason: null } });
  if (tool) {
    const block = { type: "tool_use", id: nextId("toolu"), name: tool.name, input: {} };
    send("content_block_start", { index: 0, content_block: block });
    delta({ type: "input_json_delta", partial_json: JSON.stringify(tool.input) });
  } else if (answer.type === "text") {
    send("content_block_start", { index: 0, content_block: { type: "text", text: "" } });
    for await (const text of pieces(answer, to.wait)) {
      if (to.closed()) return;
      delta({ type: "text_delta", text });
    }
  }
  send("content_block_stop", { index: 0 });
  const stop = { stop_reason: tool ? "tool_use" : "end_turn", stop_sequence: null };
  send("message_delta", { delta: stop, usage: { output_tokens: to.spent.output } });
  send("message_stop", {});
  res.end();
}

export const anthropic: Dialect = {
  name: "anthropic",
  handles: (method, path) =>
    method === "POST" && (path === "/v1/messages" || path === "/v1/messages/count_tokens"),
  read: (path, body: Body) => ({
    kind: kindOf(path, body),
    model: body.model ?? "",
    turn: { ...readTurn(body.messages ?? []), given: givenText(body) },
  }),
  async reply(to, body: Body, kind, answer) {
    const model = body.model ?? "scripted";
    if (kind === "count") return sendJson(to.res, 200, { input_tokens: to.spent.input });
    if (answer.type === "fail") return sendFailure(to, answer.status);
    if (!body.stream) return sendWhole(to, model, answer);
    await sendStream(to, model, answer);
  },
};
