/** The OpenAI Responses API, as far as Codex CLI 0.169.0 uses it (measured 2026-11). */

import type { Dialect, Kind, Reading, Reply } from "./dialect.ts";
import { sendEvent, sendJson } from "./dialect.ts";
import { type Answer, pieces } from "./rules.ts";

interface Part {
  type: string;
  text?: string;
}

interface Item {
  type: string;
  role?: string;
  content?: string | Part[];
  output?: string | Part[];
}

interface Body {
  model?: string;
  instructions?: string;
  input?: string | Item[];
  client_metadata?: Record<string, string>;
}

/** User messages that no person wrote: surroundings, interruptions, what a stop hook said. */
const ADDED = /^(<[a-z_]+[ >]|# AGENTS\.md instructions)/;

const textOf = (value: string | Part[] | undefined): string =>
  typeof value === "string" ? value : (value ?? []).map((part) => part.text ?? "").join("\n");

const isCall = ({ type }: Item) => /_call$/.test(type);
const isResult = ({ type }: Item) => /_call_output$/.test(type);

function itemsOf({ input = [] }: Body): readonly Item[] {
  if (typeof input !== "string") return input;
  return [{ type: "message", role: "user", content: input }];
}

/**
 * Walks back from the newest item to the newest text of a person. An answer in words settles all
 * before it: beyond it, only context woke the model.
 */
function readTurn(items: readonly Item[]): Omit<Reading["turn"], "given"> {
  const toolResults: string[] = [];
  const context: string[] = [];
  let answered = false;
  for (const item of [...items].reverse()) {
    if (isResult(item)) toolResults.unshift(textOf(item.output));
    else if (isCall(item)) answered = true;
    if (item.type !== "message") continue;
    if (item.role === "assistant") break;
    const text = textOf(item.content);
    if (item.role === "user" && text !== "" && !ADDED.test(text)) {
      return { prompt: text, toolResults, context: context.join("\n") };
    }
    if (!answered) context.unshift(text);
  }
  return { prompt: "", toolResults, context: context.join("\n") };
}

function givenText(body: Body): string {
  const heard = itemsOf(body).filter((item) => !isCall(item) && item.role !== "assistant");
  return [
    body.instructions ?? "",
    ...heard.map((item) => textOf(item.output ?? item.content)),
  ].join("\n");
}

const TURN = { request_kind: "turn", thread_source: "user" };

/** Titles, compactions and the like say so in the metadata of the turn. */
function kindOf(body: Body): Kind {
  const metadata = body.client_metadata?.["x-codex-turn-metadata"];
  const { request_kind, thread_source } = metadata ? JSON.parse(metadata) : TURN;
  return request_kind === "turn" && thread_source === "user" ? "main" : "side";
}

let serial = 0;
const nextId = (prefix: string) => `${prefix}_scripted_${++serial}`;

/** Here the input holds what came from the cache, and the output what was reasoned. */
const usageOf = ({ spent }: Reply) => ({
  input_tokens: spent.input + spent.cacheRead,
  input_tokens_details: { cached_tokens: spent.cacheRead },
  output_tokens: spent.output,
  output_tokens_details: { reasoning_tokens: spent.reasoning },
  total_tokens: spent.input + spent.cacheRead + spent.output,
});

function callOf(answer: Answer): object | undefined {
  const call = (name: string, input: unknown) => ({
    type: "function_call",
    id: nextId("fc"),
    call_id: nextId("call"),
    name,
    arguments: JSON.stringify(input),
  });
  if (answer.type === "tool") {
    // Tools of an MCP server stand in a namespace, `mcp__<server>`.
    const [, namespace, name] = /^(mcp__\w+?)__(\w+)$/.exec(answer.name) ?? [];
    const plain = call(name ?? answer.name, answer.input);
    return namespace === undefined ? plain : { ...plain, namespace };
  }
  return answer.type === "shell" ? call("exec_command", { cmd: answer.command }) : undefined;
}

async function sendStream(to: Reply, model: string, answer: Answer): Promise<void> {
  const send = (event: string, data: object) => sendEvent(to.res, event, data);
  const response = { id: nextId("resp"), object: "response", model };
  to.res.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  send("response.created", { response: { ...response, status: "in_progress", output: [] } });
  const call = callOf(answer);
  if (call) send("response.output_item.done", { output_index: 0, item: call });
  else if (answer.type === "text") {
    const message = { type: "message", id: nextId("msg"), role: "assistant" };
    send("response.output_item.added", { output_index: 0, item: { ...message, content: [] } });
    for await (const delta of pieces(answer, to.wait)) {
      if (to.closed()) return;
      const place = { item_id: message.id, output_index: 0, content_index: 0 };
      send("response.output_text.delta", { ...place, delta });
    }
    const content = [{ type: "output_text", text: answer.text }];
    send("response.output_item.done", { output_index: 0, item: { ...message, content } });
  }
  const end = { ...response, status: "completed", usage: usageOf(to) };
  send("response.completed", { response: end });
  to.res.end();
}

export const responses: Dialect = {
  name: "responses",
  handles: (method, path) => method === "POST" && path === "/v1/responses",
  read: (_path, body: Body) => ({
    kind: kindOf(body),
    model: body.model ?? "",
    turn: { ...readTurn(itemsOf(body)), given: givenText(body) },
  }),
  async reply(to, body: Body, _kind, answer) {
    if (answer.type !== "fail") return sendStream(to, body.model ?? "scripted", answer);
    const error = { type: "server_error", message: `scripted failure ${answer.status}` };
    sendJson(to.res, answer.status, { error });
  },
};
