import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  type CallToolResult,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
} from "@modelcontextprotocol/sdk/types.js";
import kleur from "kleur";
import { AppError } from "../../domain/errors.ts";
import type { Context } from "../context.ts";
import { callTool, schemaOf, TOOLS } from "./call.ts";
import { Stdio } from "./stdio.ts";
import type { Answer, Tool } from "./tool.ts";

const INSTRUCTIONS =
  "Mail and notes of a team of coding agents. Where a letter names a command, as ov mail reply, the tool mail_reply does the same.";

/** What a tool does outside this team's store: nothing; and nothing is ever removed from it. */
const annotations = (isReadOnly: boolean) => ({
  readOnlyHint: isReadOnly,
  destructiveHint: false,
  openWorldHint: false,
});

const definition = (tool: Tool) => ({
  name: tool.name,
  description: tool.description,
  inputSchema: schemaOf(tool),
  annotations: annotations(tool.isReadOnly),
});

const log = (error: unknown) =>
  void process.stderr.write(`ov mcp: ${error instanceof Error ? error.message : String(error)}\n`);

/** Answers until the client has gone or `over`; what was asked before that is still answered. */
export async function serveMcp(
  context: Context,
  agent: string | undefined,
  over: Promise<void>,
): Promise<void> {
  kleur.enabled = false;
  const stdio = new Stdio();
  const file = readFileSync(join(dirname(context.templates), "package.json"), "utf8");
  const server = new Server(
    { name: "overture", version: JSON.parse(file).version },
    { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
  );
  server.onerror = log;
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: TOOLS.map(definition) }));
  const running = new Set<Promise<unknown>>();
  // The SDK's own handler of tools/call makes a protocol error of what a model got wrong.
  server.fallbackRequestHandler = (request, { signal, requestId }) => {
    if (request.method !== "tools/call") {
      throw new McpError(ErrorCode.MethodNotFound, "there are only tools here");
    }
    const call = answer(context.fresh(), agent, request.params ?? {}, (finish) =>
      // A call that was given up gets no answer from the SDK.
      signal.aborted ? finish(false) : stdio.after(requestId, () => finish(true)),
    );
    running.add(call);
    return call.finally(() => running.delete(call));
  };
  await server.connect(stdio);
  await Promise.race([stdio.ended, over]);
  await Promise.allSettled(running);
  await setImmediate();
  await server.close();
}

/** `then` is given what to do once the answer has been written, or never will be. */
async function answer(
  context: Context,
  agent: string | undefined,
  { name, arguments: input }: Record<string, unknown>,
  then: (finish: (isWritten: boolean) => void) => void,
): Promise<CallToolResult> {
  let done: Answer | undefined;
  let result: CallToolResult;
  try {
    done = await callTool(context, agent, String(name), input);
    const content = [{ type: "text" as const, text: done.text }];
    result = done.data ? { content, structuredContent: done.data } : { content };
  } catch (error) {
    result = failure(error);
  }
  then((isWritten) => {
    try {
      if (isWritten) done?.written?.();
    } catch (error) {
      log(error);
    }
    context.close().catch(log);
  });
  return result;
}

function failure(error: unknown): CallToolResult {
  if (!(error instanceof AppError)) log(error instanceof Error ? error.stack : error);
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof AppError && error.hint ? `\n${error.hint}` : "";
  return { isError: true, content: [{ type: "text", text: message + hint }] };
}
