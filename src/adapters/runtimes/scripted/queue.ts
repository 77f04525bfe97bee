import type { HookOutcome } from "./hooks.ts";
import type { SessionRecord } from "./record.ts";

interface Queued {
  text: string;
  hook: Promise<HookOutcome>;
}

/** Prompts that were typed during a turn, each with its hook. */
export class PromptQueue {
  #queued: Queued[] = [];
  #record: SessionRecord;
  #isTold: boolean;

  /** `isTold`: the transcript tells what becomes of it. */
  constructor(record: SessionRecord, isTold: boolean) {
    this.#record = record;
    this.#isTold = isTold;
  }

  get texts(): string[] {
    return this.#queued.map(({ text }) => text);
  }

  get isEmpty(): boolean {
    return this.#queued.length === 0;
  }

  add(text: string, hook: Promise<HookOutcome>): void {
    this.#queued.push({ text, hook });
    this.#tell("enqueue", [hook]);
  }

  /** Empties it for a turn: the texts that no hook refused, and what their hooks said. */
  async take(): Promise<{ texts: string[]; outcomes: HookOutcome[] }> {
    const taken = this.#queued.splice(0);
    const outcomes = await Promise.all(taken.map(({ hook }) => hook));
    this.#tell("dequeue", []);
    const texts = taken.filter((_, i) => outcomes[i]?.block === undefined).map(({ text }) => text);
    return { texts, outcomes };
  }

  /** Empties it into the composer: the texts as one, and their hooks. */
  recall(): { text: string; hooks: Promise<HookOutcome>[] } {
    const recalled = this.#queued.splice(0);
    const hooks = recalled.map(({ hook }) => hook);
    if (recalled.length > 0) this.#tell("popAll", hooks);
    return { text: recalled.map(({ text }) => text).join("\n"), hooks };
  }

  /** As Claude Code does: once the prompt's hook has ended. */
  #tell(operation: string, hooks: Promise<unknown>[]): void {
    if (!this.#isTold) return;
    const tell = () => this.#record.transcript("queue-operation", { operation });
    void Promise.all(hooks).then(tell);
  }
}
