import type { ServerResponse } from "node:http";
import type { Answer, Turn } from "./rules.ts";
import type { Spent } from "./usage.ts";

/** `main`: a turn of the conversation. `side`: titles, topics, probes. `count`: token counts. */
export type Kind = "main" | "side" | "count";

export interface Reading {
  kind: Kind;
  model: string;
  turn: Omit<Turn, "attempt">;
}

/** What a dialect writes to. `closed` turns true when the client went away: stop streaming. */
export interface Reply {
  res: ServerResponse;
  closed(): boolean;
  wait(ms: number): Promise<void>;
  /** What the answer says that it used. */
  spent: Spent;
}

/** One model API. A new one is a file with such a row, and its name in server.ts. */
export interface Dialect {
  name: string;
  /** Path as sent, without the query. */
  handles(method: string, path: string): boolean;
  read(path: string, body: Record<string, unknown>): Reading;
  /** Writes and ends the whole response. */
  reply(to: Reply, body: Record<string, unknown>, kind: Kind, answer: Answer): Promise<void>;
}

export function sendJson(res: ServerResponse, status: number, value: unknown): void {
  res.writeHead(status, { "content-type": "application/json" });
  res.end(JSON.stringify(value));
}

export function sendEvent(res: ServerResponse, event: string, data: object): void {
  res.write(`event: ${event}\ndata: ${JSON.stringify({ type: event, ...data })}\n\n`);
}
