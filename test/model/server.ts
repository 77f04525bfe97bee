/**
 * A model on 127.0.0.1 that follows a script and remembers every request, so that what reached an
 * agent's mind can be asserted byte for byte.
 */

import { appendFileSync } from "node:fs";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { anthropic } from "./anthropic.ts";
import { type Dialect, type Kind, sendJson } from "./dialect.ts";
import { gemini } from "./gemini.ts";
import { openaiChat } from "./openai-chat.ts";
import { responses } from "./responses.ts";
import { type Answer, answerTo, type Rule, type Turn } from "./rules.ts";
import { type Spent, spentBy } from "./usage.ts";

const DIALECTS: readonly Dialect[] = [anthropic, gemini, openaiChat, responses];

export interface RequestLog {
  n: number;
  /** Milliseconds since the epoch, when the whole body had come. */
  at: number;
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** `other`: no dialect knows the path; it got `{}`. */
  kind: Kind | "other";
  model: string;
  prompt: string;
  toolResults: string[];
  context: string;
  /** What to count a letter's id in: see `Turn.given`. */
  given: string;
  /** The parsed body, or the text when it was not JSON. */
  body: unknown;
  /** What the rules said; absent for `count` and `other`. */
  answer?: Answer;
  /** What the answer said that it used; absent for `count`, `other` and a failure. */
  spent?: Spent;
}

export interface ScriptedModel {
  url: string;
  /** Every request, oldest first. */
  requests: RequestLog[];
  /** Only the conversation's own: no titles, token counts or probes. */
  main(): RequestLog[];
  /** Called for each request once it is logged, before it is answered. Returns the off switch. */
  onRequest(listener: (request: RequestLog) => void): () => void;
  /** The first request that fits, already here or still to come; rejects after `ms`. */
  waitFor(fits: (request: RequestLog) => boolean, ms?: number): Promise<RequestLog>;
  close(): Promise<void>;
}

export interface ModelOptions {
  /** One JSON line a request is appended here. */
  logFile?: string;
  /** Tried before the built-in rules. */
  rules?: readonly Rule[];
}

async function readBody(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return text; // A probe with a body of its own kind: logged as it came.
  }
}

const NOTHING = { model: "", prompt: "", toolResults: [], context: "", given: "" };

/** Resolves after `ms`, or at once when the client goes away. */
function waiter(res: ServerResponse): (ms: number) => Promise<void> {
  return (ms) =>
    new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        res.off("close", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      res.once("close", done);
    });
}

/** How often the same step of the same prompt has come: agents retry a failed request as it was. */
function attempts(): (turn: Omit<Turn, "attempt">) => number {
  const seen = new Map<string, number>();
  return (turn) => {
    const key = JSON.stringify([turn.prompt, turn.toolResults.length]);
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return before;
  };
}

export async function startModel(options: ModelOptions = {}): Promise<ScriptedModel> {
  const requests: RequestLog[] = [];
  const listeners = new Set<(request: RequestLog) => void>();
  const attemptOf = attempts();

  function record(entry: Omit<RequestLog, "n" | "at">): void {
    const request = { n: requests.length + 1, at: Date.now(), ...entry };
    requests.push(request);
    if (options.logFile) appendFileSync(options.logFile, `${JSON.stringify(request)}\n`);
    for (const listener of [...listeners]) listener(request);
  }

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const method = req.method ?? "GET";
    const path = (req.url ?? "/").split("?", 1)[0] ?? "/";
    const raw = await readBody(req);
    const seen = { method, path, headers: req.headers, body: raw };
    const dialect = DIALECTS.find((row) => row.handles(method, path));
    if (!dialect || typeof raw !== "object" || raw === null) {
      record({ ...seen, ...NOTHING, kind: "other" });
      return sendJson(res, 200, {});
    }
    const body = raw as Record<string, unknown>;
    const { kind, model, turn } = dialect.read(path, body);
    const attempt = kind === "main" ? attemptOf(turn) : 0;
    const answer: Answer =
      kind === "main"
        ? answerTo({ ...turn, attempt }, options.rules)
        : { type: "text", text: "scripted" };
    const spent = spentBy(requests.length + 1);
    const told = kind === "count" ? {} : answer.type === "fail" ? { answer } : { answer, spent };
    record({ ...seen, kind, model, ...turn, ...told });
    const reply = { res, closed: () => res.destroyed, wait: waiter(res), spent };
    await dialect.reply(reply, body, kind, answer);
  }

  const server = createServer((req, res) => {
    handle(req, res).catch((error: unknown) => {
      if (!res.headersSent) sendJson(res, 500, { error: { message: String(error) } });
      else res.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  const onRequest: ScriptedModel["onRequest"] = (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    main: () => requests.filter((request) => request.kind === "main"),
    onRequest,
    waitFor(fits, ms = 10_000) {
      const here = requests.find(fits);
      if (here) return Promise.resolve(here);
      return new Promise((resolve, reject) => {
        const stop = () => {
          clearTimeout(timer);
          off();
        };
        const timer = setTimeout(() => {
          stop();
          reject(new Error(`no such request within ${ms} ms (${requests.length} came)`));
        }, ms);
        const off = onRequest((request) => {
          if (!fits(request)) return;
          stop();
          resolve(request);
        });
      });
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
