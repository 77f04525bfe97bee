import { randomUUID } from "node:crypto";
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { head } from "../../../domain/text.ts";

export type Status = "starting" | "idle" | "busy" | "waiting";

/** Something that a model would read. */
export interface Block {
  role: "user" | "system" | "tool";
  text: string;
  source: "prompt" | "queued" | "tool" | `hook:${string}`;
}

export interface RecordOptions {
  home: string;
  cwd: string;
  sessionId: string;
  pid: number;
  tellsState: boolean;
}

const CONTEXT_LIMIT = 10_000;
const PREVIEW = 2_000;

/** There is no model, so a token is what four characters are on average. */
const tokensOf = (text: string) => Math.ceil(text.length / 4);

/** The files by which others see this session; their forms are fixed in docs/scripted-agent.md. */
export class SessionRecord {
  readonly transcriptPath: string;
  #options: RecordOptions;
  #startedAt = Date.now();
  #sessionFile: string;
  #requests: string;
  #requestCount = 0;
  #savedCount = 0;
  /** In tokens: all that was sent or said before this request, what came with it, what it said. */
  #spent = { before: 0, fresh: 0, said: 0 };

  constructor(options: RecordOptions) {
    const { home, cwd, sessionId, pid } = options;
    this.#options = options;
    const project = join(home, "projects", cwd.replace(/[^a-zA-Z0-9]/g, "-"));
    mkdirSync(join(home, "sessions"), { recursive: true });
    mkdirSync(project, { recursive: true });
    this.transcriptPath = join(project, `${sessionId}.jsonl`);
    this.#sessionFile = join(home, "sessions", `${pid}.json`);
    this.#requests = join(home, "requests.jsonl");
  }

  status(status: Status, waitingFor?: string): void {
    const { pid, sessionId, cwd, tellsState } = this.#options;
    const startedAt = this.#startedAt;
    const text = JSON.stringify({
      pid,
      sessionId,
      cwd,
      startedAt,
      updatedAt: Date.now(),
      status,
      waitingFor,
      // What stands here is for those who test it, and no word to Overture.
      untold: tellsState ? undefined : true,
    });
    writeFileSync(`${this.#sessionFile}.tmp`, text);
    renameSync(`${this.#sessionFile}.tmp`, this.#sessionFile);
  }

  remove(): void {
    rmSync(this.#sessionFile, { force: true });
  }

  transcript(type: string, fields: Record<string, unknown>): void {
    const line = {
      type,
      ...fields,
      timestamp: new Date().toISOString(),
      sessionId: this.#options.sessionId,
      uuid: randomUUID(),
    };
    appendFileSync(this.transcriptPath, `${JSON.stringify(line)}\n`);
  }

  /** Words that a model would answer to the last request. */
  says(content: string): void {
    this.#answer("assistant", { message: { role: "assistant", content } }, content);
  }

  /** The call of a tool that it would answer. */
  calls(id: string, name: string, command: string): void {
    this.#answer("tool_use", { id, name, input: { command } }, command);
  }

  #answer(type: string, fields: { message?: object; [key: string]: unknown }, text: string): void {
    this.#spent.said += tokensOf(text);
    const { before, fresh, said } = this.#spent;
    const usage = { input_tokens: fresh, cache_read_input_tokens: before, output_tokens: said };
    const id = `${this.#options.sessionId}-${this.#requestCount}`;
    const message = { ...fields.message, id, model: "scripted", usage };
    this.transcript(type, { ...fields, message });
  }

  /** Logs what a model call would send that it did not send before. */
  request(blocks: readonly Block[], system?: string): void {
    for (const { role, text, source } of blocks) {
      if (source.startsWith("hook:")) {
        this.transcript("hook_context", { event: source.slice("hook:".length), content: text });
      } else if (role === "user") {
        this.transcript("user", { message: { role, content: text } });
      }
    }
    const { sessionId } = this.#options;
    const n = ++this.#requestCount;
    const { before, fresh, said } = this.#spent;
    const texts = [system ?? "", ...blocks.map(({ text }) => text)];
    this.#spent = { before: before + fresh + said, fresh: tokensOf(texts.join("")), said: 0 };
    const line = { at: Date.now(), sessionId, n, system, new: blocks };
    appendFileSync(this.#requests, `${JSON.stringify(line)}\n`);
  }

  /** Context over the limit goes to a file; the model gets its beginning and the file's name. */
  cut(context: string): string {
    if (context.length <= CONTEXT_LIMIT) return context;
    const path = this.transcriptPath.replace(/\.jsonl$/, `-hook-${++this.#savedCount}.txt`);
    writeFileSync(path, context);
    return [
      "<persisted-output>",
      `Output too large (${context.length} characters). Full output saved to: ${path}`,
      "",
      `Preview (first ${PREVIEW} characters):`,
      head(context, PREVIEW),
      "...",
      "</persisted-output>",
    ].join("\n");
  }
}
