import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import {
  type JSONRPCMessage,
  JSONRPCMessageSchema,
  type RequestId,
} from "@modelcontextprotocol/sdk/types.js";
import { print } from "../output.ts";

/** A letter has up to 4 MiB, which JSON can make six times as long. */
const LINE_MAX = 32 * 1024 * 1024;

/**
 * Messages of the protocol, a line each, on this process's stdin and stdout. Unlike the SDK's own
 * it tells when an answer has left the process, ends when stdin does, and goes on behind a line
 * that is too long.
 */
export class Stdio implements Transport {
  onmessage?: (message: JSONRPCMessage) => void;
  onerror?: (error: Error) => void;
  onclose?: () => void;
  /** The client has closed its end, or reads no more. */
  readonly ended: Promise<void>;
  #end: () => void = () => undefined;
  #line: Buffer[] = [];
  #length = 0;
  #last: Promise<void> = Promise.resolve();
  readonly #then = new Map<RequestId, () => void>();

  constructor() {
    this.ended = new Promise((done) => {
      this.#end = done;
    });
  }

  async start(): Promise<void> {
    process.stdin.on("data", (chunk: Buffer) => this.#read(chunk));
    process.stdin.once("end", this.#end).once("error", this.#end);
  }

  /** Runs `work` once the answer to this request has been written. */
  after(id: RequestId, work: () => void): void {
    this.#then.set(id, work);
  }

  /** One after the other: a slow reader must not get half of one message inside another. */
  send(message: JSONRPCMessage): Promise<void> {
    this.#last = this.#last.then(async () => {
      await print(`${JSON.stringify(message)}\n`);
      if ("id" in message && message.id !== undefined) {
        this.#then.get(message.id)?.();
        this.#then.delete(message.id);
      }
    });
    return this.#last.catch((error) => {
      this.onerror?.(error);
      this.#end();
    });
  }

  async close(): Promise<void> {
    process.stdin.destroy();
    await this.#last.catch(() => undefined);
    this.onclose?.();
  }

  #read(chunk: Buffer): void {
    let rest = chunk;
    for (let at = rest.indexOf(10); at !== -1; at = rest.indexOf(10)) {
      this.#keep(rest.subarray(0, at));
      this.#take();
      rest = rest.subarray(at + 1);
    }
    this.#keep(rest);
  }

  #keep(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > LINE_MAX) this.#line = [];
    else this.#line.push(part);
  }

  #take(): void {
    const text = Buffer.concat(this.#line).toString("utf8");
    const isTooLong = this.#length > LINE_MAX;
    this.#line = [];
    this.#length = 0;
    try {
      if (isTooLong) throw new Error(`it has more than ${LINE_MAX} bytes`);
      const message = JSONRPCMessageSchema.parse(JSON.parse(text));
      this.onmessage?.(message);
    } catch (cause) {
      this.onerror?.(new Error("a line that is no message was passed over", { cause }));
    }
  }
}
