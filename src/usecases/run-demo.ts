import { formatAge } from "../domain/duration.ts";
import { AppError } from "../domain/errors.ts";
import type { Event } from "../domain/event.ts";
import type { Store } from "../ports/store.ts";
import type { AgentStatus } from "./team-status.ts";

export interface DemoTools {
  store: Store;
  now: () => number;
  pause: (ms: number) => Promise<void>;
  status: () => Promise<AgentStatus[]>;
  /** Takes the person's new letters, as `ov mail check` does. */
  readMail: () => Promise<{ type: string; subject: string }[]>;
  /** A line of the story, with the time since the start in ms. */
  say: (ms: number, who: string, what: string) => void;
  /** The team as it is now, after every change. */
  show: (team: AgentStatus[]) => void;
}

const POLL_MS = 120;

/** Tells what happens until `done`, or throws `timeout` with what is still open. */
export class Watcher {
  readonly #tools: DemoTools;
  readonly #start: number;
  readonly #states = new Map<string, string>();
  #event: number;

  constructor(tools: DemoTools) {
    this.#tools = tools;
    this.#start = tools.now();
    this.#event = tools.store.events.last();
  }

  say(who: string, what: string): void {
    this.#tools.say(this.#tools.now() - this.#start, who, what);
  }

  async until(what: string, ms: number, done: () => Promise<boolean> | boolean): Promise<void> {
    const deadline = this.#tools.now() + ms;
    for (;;) {
      this.#tellEvents();
      const team = await this.#tools.status();
      this.#tellStates(team);
      this.#tools.show(team);
      if (await done()) return this.#tellEvents();
      if (this.#tools.now() > deadline) throw this.#late(what, ms, team);
      await this.#tools.pause(POLL_MS);
    }
  }

  #tellEvents(): void {
    for (const event of this.#tools.store.events.find({ after: this.#event, limit: 500 })) {
      this.#event = event.id;
      const line = tell(this.#tools.store, event);
      if (line) this.say(line.who, line.what);
    }
  }

  #tellStates(team: readonly AgentStatus[]): void {
    for (const { agent, state, detail } of team) {
      if (agent.kind !== "local") continue;
      const before = this.#states.get(agent.name);
      this.#states.set(agent.name, state);
      if (before === state) continue;
      const asks = state === "waiting" ? ` (answer it: ov attach ${agent.name})` : "";
      const why = state === "waiting" || state === "error" ? `: ${detail}${asks}` : "";
      this.say(agent.name, before ? `${before} → ${state}${why}` : `${state}${why}`);
    }
  }

  #late(what: string, ms: number, team: readonly AgentStatus[]): AppError {
    const states = team
      .filter(({ agent }) => agent.kind === "local")
      .map(({ agent, state, detail }) => `${agent.name} is ${state} (${detail})`);
    return new AppError("timeout", `${what} did not happen in ${formatAge(ms)}`, states.join("; "));
  }
}

const WORDS: Record<string, string> = {
  "mail.seen": "seen",
  "mail.acked": "acked",
  "mail.held": "held",
  "mail.requeued": "queued again",
  "mail.dead": "dead",
};

function tell(store: Store, event: Event): { who: string; what: string } | undefined {
  const letter = event.message ? store.mail.get(event.message)?.message : undefined;
  const data = JSON.parse(event.data ?? "{}") as Record<string, unknown>;
  if (event.kind === "mail.sent" && letter) {
    const to = (data.to as string[]).join(", ");
    return { who: letter.sender, what: `✉ ${letter.type} to ${to}: ${letter.subject}` };
  }
  if (event.kind === "mail.noticed") return { who: event.agent ?? "", what: "woken by a notice" };
  const word = WORDS[event.kind];
  if (!word || !letter) return undefined;
  const why = data.proof ?? data.reason ?? data.why;
  const what = `  ${word}: ${letter.subject}${why ? ` (${String(why)})` : ""}`;
  return { who: event.agent ?? "", what };
}

/** Every letter of the project has the receipt `seen` or `acked` from every recipient. */
export function allReceipted(store: Store): boolean {
  return store.mail
    .list({ limit: 1000 })
    .every(({ deliveries }) => deliveries.every((d) => d.state === "seen" || d.state === "acked"));
}

export function receiptCount(store: Store): { letters: number; seen: number; acked: number } {
  const all = store.mail.list({ limit: 1000 }).flatMap(({ deliveries }) => deliveries);
  return {
    letters: all.length,
    seen: all.filter((d) => d.state === "seen").length,
    acked: all.filter((d) => d.state === "acked").length,
  };
}
