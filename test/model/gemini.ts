/** The Gemini API, as far as Gemini CLI 0.61.0 uses it (measured 2026-11). */

import type { Dialect, Kind, Reading, Reply } from "./dialect.ts";
import { sendJson } from "./dialect.ts";
import { type Answer, pieces } from "./rules.ts";

interface Part {
  text?: string;
  functionCall?: { name: string };
  functionResponse?: { response?: Record<string, unknown> };
}

interface Content {
  role?: string;
  parts?: Part[];
}

interface Body {
  contents?: Content[];
  systemInstruction?: Content;
  tools?: { functionDeclarations?: unknown[] }[];
}

const PATH = /^\/v1beta\/models\/([^/:]+):(streamGenerateContent|generateContent|countTokens)$/;
/** Hooks' context, at the end of a prompt or of a tool's result. */
const HOOK = /<hook_context>[\s\S]*?<\/hook_context>/g;
/** The CLI's own first message of a conversation: date, folders, project memory. */
const SESSION = /^<session_context>[\s\S]*<\/session_context>$/;

function resultOf({ response = {} }: { response?: Record<string, unknown> }): string {
  const output = response.output ?? response.error;
  return typeof output === "string" ? output : JSON.stringify(response);
}

const textOf = (part: Part): string =>
  part.functionResponse ? resultOf(part.functionResponse) : (part.text ?? "");

const bare = (text: string): string => text.replace(HOOK, "").trim();

/** Walks back from the newest message to the newest real text; what it passes came after it. */
function readTurn(contents: readonly Content[]): Omit<Reading["turn"], "given"> {
  const toolResults: string[] = [];
  const context: string[] = [];
  let answered = false;
  for (const { role, parts = [] } of [...contents].reverse()) {
    if (role === "model") {
      if (!parts.some((part) => part.functionCall)) break;
      answered = true;
      continue;
    }
    if (!answered) context.unshift(...parts.flatMap((part) => textOf(part).match(HOOK) ?? []));
    const said = parts.filter((part) => !part.functionResponse).map((part) => bare(textOf(part)));
    const prompt = said.findLast((text) => text !== "" && !SESSION.test(text));
    if (prompt) return { prompt, toolResults, context: context.join("\n") };
    const results = parts.filter((part) => part.functionResponse);
    toolResults.unshift(...results.map((part) => bare(textOf(part))));
  }
  return { prompt: "", toolResults, context: context.join("\n") };
}

function givenText({ systemInstruction, contents = [] }: Body): string {
  const heard = contents.filter(({ role }) => role !== "model");
  return [systemInstruction ?? {}, ...heard]
    .flatMap(({ parts = [] }) => parts)
    .map(textOf)
    .join("\n");
}

/** Routing, summaries and checks are asked without tools. */
function kindOf(path: string, body: Body): Kind {
  if (path.endsWith(":countTokens")) return "count";
  return body.tools?.some((tool) => tool.functionDeclarations?.length) ? "main" : "side";
}

function call(answer: Answer): { name: string; args: unknown } | undefined {
  if (answer.type === "tool") return { name: answer.name, args: answer.input };
  if (answer.type !== "shell") return undefined;
  return { name: "run_shell_command", args: { command: answer.command, description: "scripted" } };
}

/** Here the prompt holds what came from the cache, and the answer not what was thought. */
const usageOf = ({ spent }: Reply) => ({
  promptTokenCount: spent.input + spent.cacheRead,
  cachedContentTokenCount: spent.cacheRead,
  candidatesTokenCount: spent.output - spent.reasoning,
  thoughtsTokenCount: spent.reasoning,
  totalTokenCount: spent.input + spent.cacheRead + spent.output,
});

function chunk(to: Reply, part: object, finishReason?: "STOP") {
  const content = { role: "model", parts: [part] };
  return { candidates: [{ index: 0, content, finishReason }], usageMetadata: usageOf(to) };
}

function sendFailure({ res }: Reply, code: number): void {
  const message = `scripted failure ${code}`;
  sendJson(res, code, { error: { code, message, status: "SCRIPTED" } });
}

/** As Google's API does; the program takes a bare one for the end of the data. */
const escaped = (data: object): string =>
  JSON.stringify(data).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");

async function sendStream(to: Reply, answer: Answer): Promise<void> {
  const send = (data: object) => to.res.write(`data: ${escaped(data)}\r\n\r\n`);
  to.res.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  const functionCall = call(answer);
  if (functionCall) send(chunk(to, { functionCall }, "STOP"));
  else if (answer.type === "text") {
    for await (const text of pieces(answer, to.wait)) {
      if (to.closed()) return;
      send(chunk(to, { text }));
    }
    send(chunk(to, { text: "" }, "STOP"));
  }
  to.res.end();
}

/** What a path says beside the method: the request's whole body has no model. */
const streams = new WeakMap<object, boolean>();

export const gemini: Dialect = {
  name: "gemini",
  handles: (method, path) => method === "POST" && PATH.test(path),
  read(path, body: Body) {
    const [, model = "", verb] = PATH.exec(path)!;
    streams.set(body, verb === "streamGenerateContent");
    const turn = { ...readTurn(body.contents ?? []), given: givenText(body) };
    return { kind: kindOf(path, body), model, turn };
  },
  async reply(to, body, kind, answer) {
    if (kind === "count") return sendJson(to.res, 200, { totalTokens: to.spent.input });
    if (answer.type === "fail") return sendFailure(to, answer.status);
    if (streams.get(body)) return sendStream(to, answer);
    const functionCall = call(answer);
    const text = answer.type === "text" ? answer.text : "";
    sendJson(to.res, 200, chunk(to, functionCall ? { functionCall } : { text }, "STOP"));
  },
};
