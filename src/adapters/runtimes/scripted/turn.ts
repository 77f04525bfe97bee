import { setTimeout as wait } from "node:timers/promises";
import type { HookEvent, HookOutcome } from "./hooks.ts";
import type { Action, Work } from "./plan.ts";
import { PromptQueue } from "./queue.ts";
import type { Block } from "./record.ts";
import type { Step } from "./rules.ts";
import { fillCommand, fillText, type Values } from "./template.ts";
import type { TurnOptions } from "./turn-options.ts";

const WORDS_A_SECOND = 5;

type Opening =
  | { kind: "prompt"; text: string }
  | { kind: "queued" }
  | { kind: "rewake"; event: HookEvent; text: string };

/** Takes prompts one turn at a time: hooks, request, planned work, stop hook. */
export class Turns {
  /** When the present run of turns began (Unix ms); null while idle. */
  busySince: number | null = null;
  readonly queue: PromptQueue;
  #options: TurnOptions;
  #abort = new AbortController();
  /** Blocks that the model has not been sent yet. */
  #pending: Block[] = [];
  #work: Work[] = [];
  #rewakes: Extract<Opening, { kind: "rewake" }>[] = [];
  #counters = new Map<string, number>();
  #requested = false;
  #lastAnswer = "";
  #isStreaming = false;
  /** The present turn ends for a prompt that is queued. */
  #isCut = false;

  constructor(options: TurnOptions) {
    this.#options = options;
    this.queue = new PromptQueue(options.record, options.tellsQueue);
  }

  async start(): Promise<void> {
    const outcome = await this.#options.hooks.run("SessionStart", { source: "startup" });
    this.#take("SessionStart", outcome);
  }

  /** Starts a turn, or queues the text for the present one; `cut`: instead of a running answer. */
  submit(text: string, cut = false): void {
    if (this.busySince === null) {
      void (text.trim() === "/compact" ? this.#compact() : this.#run({ kind: "prompt", text }));
      return;
    }
    const hook = this.#options.hooks.run("UserPromptSubmit", { prompt: text });
    this.queue.add(text, hook);
    if (cut && this.#isStreaming) {
      this.#isCut = true;
      this.interrupt();
    }
    this.#options.transcript.changed();
  }

  /** Starts a turn that nobody typed, as soon as the session is idle. */
  rewake(event: HookEvent, text: string): void {
    const { record } = this.#options;
    this.#rewakes.push({ kind: "rewake", event, text });
    if (this.busySince === null) void this.#run(this.#next()!);
    else record.transcript("queue-operation", { operation: "enqueue", content: text });
  }

  /** Ends the present turn without a stop hook. */
  interrupt(): void {
    this.#abort.abort();
  }

  /** Gives the queued texts back, as one. */
  recall(): string {
    const { text, hooks } = this.queue.recall();
    for (const hook of this.#options.tellsQueue ? [] : hooks) {
      // What the hook added stays in the conversation: it may hold mail that counts as given.
      void hook.then((outcome) => this.#take("UserPromptSubmit", outcome));
    }
    return text;
  }

  /** The conversation begins anew; what a hook says then is all that the model knows of it. */
  async #compact(): Promise<void> {
    const { hooks, record, transcript } = this.#options;
    this.busySince = Date.now();
    record.status("busy");
    await hooks.run("PreCompact", { trigger: "manual" });
    this.#pending = [];
    this.#requested = false;
    transcript.note("Compacted");
    this.#take("SessionStart", await hooks.run("SessionStart", { source: "compact" }));
    this.busySince = null;
    record.status("idle");
    transcript.changed();
  }

  async #run(first: Opening): Promise<void> {
    const { record, transcript, fail } = this.#options;
    this.busySince = Date.now();
    record.status("busy");
    try {
      for (let next: Opening | undefined = first; next; next = this.#next()) {
        this.#abort = new AbortController();
        await this.#turn(next, this.#abort.signal);
      }
    } catch (error) {
      fail(error);
      return;
    }
    this.busySince = null;
    record.status("idle");
    transcript.changed();
  }

  #next(): Opening | undefined {
    if (!this.queue.isEmpty) return { kind: "queued" };
    return this.#rewakes.shift();
  }

  async #turn(opening: Opening, signal: AbortSignal): Promise<void> {
    this.#isCut = false;
    try {
      if (!(await this.#open(opening, signal))) return;
      this.#request();
      for (let blocks = 0; ; blocks++) {
        await this.#doWork(signal);
        const reason = await this.#stop(blocks > 0, signal);
        if (reason === undefined) return;
        const most = this.#options.stopBlocks;
        if (most > 0 && blocks >= most) {
          this.#options.transcript.note(`Stop hook blocked ${blocks + 1} times: overridden`);
          return;
        }
        this.#pending.push({ role: "user", text: reason, source: "hook:Stop" });
        await this.#takeQueued();
        this.#request();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      this.#work = [];
      if (this.#isCut) {
        this.#isCut = false;
        this.#options.transcript.note("Cut by the next prompt");
        return;
      }
      this.#options.transcript.note("Interrupted · What should the agent do instead?");
      const recalled = this.#options.tellsQueue ? "" : this.recall();
      if (recalled !== "") this.#options.restore(recalled);
    }
  }

  /** False when a hook refused the prompt. */
  async #open(opening: Opening, signal: AbortSignal): Promise<boolean> {
    const { hooks, transcript, restore } = this.#options;
    if (opening.kind === "queued") {
      await this.#takeQueued();
      return this.#pending.length > 0;
    }
    if (opening.kind === "rewake") {
      transcript.note("Woken by a hook");
      this.#pending.push({ role: "user", text: opening.text, source: `hook:${opening.event}` });
      return true;
    }
    const entry = transcript.prompt(opening.text);
    const outcome = await hooks.run("UserPromptSubmit", { prompt: opening.text }, signal);
    if (signal.aborted) {
      transcript.remove(entry);
      restore(opening.text);
      signal.throwIfAborted();
    }
    if (outcome.block !== undefined) {
      transcript.note(`Prompt refused by a hook: ${outcome.block}`);
      return false;
    }
    this.#pending.push({ role: "user", text: opening.text, source: "prompt" });
    this.#take("UserPromptSubmit", outcome);
    return true;
  }

  async #stop(again: boolean, signal: AbortSignal): Promise<string | undefined> {
    const outcome = await this.#options.hooks.run(
      "Stop",
      { stop_hook_active: again, last_assistant_message: this.#lastAnswer },
      signal,
    );
    signal.throwIfAborted();
    this.#take("Stop", outcome);
    return outcome.block;
  }

  #take(event: HookEvent, outcome: HookOutcome): void {
    for (const text of outcome.contexts) {
      this.#pending.push({ role: "system", text, source: `hook:${event}` });
    }
    for (const error of outcome.errors) this.#options.transcript.note(error);
  }

  /** Queued texts become one message, with what their hooks added. */
  async #takeQueued(): Promise<void> {
    if (this.queue.isEmpty) return;
    for (const text of this.queue.texts) this.#options.transcript.prompt(text);
    const { texts, outcomes } = await this.queue.take();
    if (texts.length > 0) {
      this.#pending.push({ role: "user", text: texts.join("\n"), source: "queued" });
    }
    for (const outcome of outcomes) this.#take("UserPromptSubmit", outcome);
  }

  /** Where a real agent calls its model. */
  #request(): void {
    const { record, planner, system } = this.#options;
    const blocks = this.#pending.splice(0);
    record.request(blocks, this.#requested ? undefined : system);
    this.#requested = true;
    this.#work.push(...planner.plan(blocks));
  }

  async #doWork(signal: AbortSignal): Promise<void> {
    for (let work = this.#work.shift(); work; work = this.#work.shift()) {
      const values = { agent: this.#options.agent, letter: work.letter };
      await this.#act(work.actions, work.template ? values : undefined, signal);
    }
  }

  /** `values` undefined: texts are taken as they stand. */
  async #act(actions: Action[], values: Values | undefined, signal: AbortSignal): Promise<void> {
    for (const action of actions) {
      signal.throwIfAborted();
      if ("say" in action) this.#say(values ? fillText(action.say, values) : action.say);
      else if ("think" in action) await this.#stream(action.think, "·", signal);
      else if ("stream" in action) await this.#stream(action.stream, "word", signal);
      else if ("exit" in action) await this.#options.exit(action.exit);
      else if ("count" in action) this.#count(action.count);
      else if ("whenCount" in action) {
        const { name, is, do: steps } = action.whenCount;
        if ((this.#counters.get(name) ?? 0) === is) await this.#act(steps, values, signal);
      } else await this.#useTool(action, values, signal);
    }
  }

  async #useTool(
    action: Extract<Step, { run: string } | { ask: string }>,
    values: Values | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const template = "run" in action ? action.run : action.ask;
    const command = values ? fillCommand(template, values) : template;
    const refused = await this.#options.tool.use(command, {
      ask: "ask" in action,
      signal,
      take: (event, outcome) => this.#take(event, outcome),
      result: (text) => this.#pending.push({ role: "tool", text, source: "tool" }),
    });
    if (refused) this.interrupt();
    signal.throwIfAborted();
    await this.#takeQueued();
    this.#request();
  }

  #count(name: string): void {
    this.#counters.set(name, (this.#counters.get(name) ?? 0) + 1);
  }

  #say(text: string): void {
    this.#options.transcript.answer(text);
    this.#answered(text);
  }

  #answered(text: string): void {
    this.#lastAnswer = text;
    this.#options.record.says(text);
  }

  async #stream(seconds: number, word: string, signal: AbortSignal): Promise<void> {
    const entry = this.#options.transcript.answer("");
    const words = Math.round(seconds * WORDS_A_SECOND);
    this.#isStreaming = word === "word";
    try {
      for (let n = 1; n <= words; n++) {
        await wait(1000 / WORDS_A_SECOND, undefined, { signal });
        entry.text += word === "word" ? `${n > 1 ? " " : ""}word${n}` : word;
        this.#options.transcript.changed();
      }
    } finally {
      this.#isStreaming = false;
    }
    if (word === "word") this.#answered(entry.text);
    else this.#options.transcript.remove(entry);
  }
}
