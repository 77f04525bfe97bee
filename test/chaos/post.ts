import type { Priority } from "../../src/domain/message.ts";
import { checkMail } from "../../src/usecases/check-mail.ts";
import { sendMail } from "../../src/usecases/send-mail.ts";
import { type Body, bodyText } from "./bodies.ts";
import type { Carrier } from "./carrier.ts";
import { AGENT, type World } from "./world.ts";

export interface Sent {
  /** Undefined: its sender was killed, and it may or may not be stored. */
  id: string | undefined;
  mark: string;
  sender: string;
  urgent: boolean;
  wake: boolean;
}

const SENDERS = ["orchestrator", "lead-1", "ci", "s3", "s4", "s5", "s6", "s7"];
const PLAIN: Body = { lead: "", tail: "", times: 1 };

/** Those who write to the agent; each letter has a mark of its own. */
export class Post {
  readonly sent: Sent[] = [];
  /** Bodies that a reader's own command printed. */
  readonly printed: string[] = [];
  readonly failures: string[] = [];
  /** Their senders were told that they are not sent. */
  #refused = new Set<string>();
  #world: World;
  #carrier: Carrier;
  #mark: string;

  constructor(world: World, carrier: Carrier, mark: string) {
    this.#world = world;
    this.#carrier = carrier;
    this.#mark = mark;
  }

  send(letter: { by: number; urgent: boolean; wake: boolean; body: Body }): Promise<void> {
    return this.#send(SENDERS[letter.by]!, letter.urgent, letter.wake, letter.body);
  }

  async burst(senders: number): Promise<void> {
    const names = SENDERS.slice(0, senders);
    await Promise.all(names.map((name) => this.#send(name, false, true, PLAIN)));
  }

  /** Somebody's `ov mail check` for this agent: what it prints is given, though not to the model. */
  async read(): Promise<void> {
    const tools = { ...this.#world.tools, now: Date.now };
    try {
      const { letters, printed } = await checkMail(tools, AGENT, `reader-${this.#mark}`);
      this.printed.push(...letters.map(({ body }) => body));
      printed();
    } catch (error) {
      if (!this.#world.machine.explains(error)) throw error;
    }
  }

  /** Whether every letter was taken, is held for a reason, or was announced. */
  areKnown(): boolean {
    return this.sent.every(({ id, wake }) => {
      const delivery = id === undefined ? undefined : this.#world.delivery(id);
      if (!delivery || !wake) return true;
      const { state, reason, attempts } = delivery;
      return state !== "queued" || reason !== null || attempts > 0;
    });
  }

  /** To oneself is refused, and nothing is stored. */
  async self(): Promise<void> {
    const isRefused = await this.#send(AGENT, false, true, PLAIN).then(
      () => false,
      () => true,
    );
    if (isRefused) this.sent.pop();
  }

  /** `ov mail send` as a process of its own, killed after so many ms. */
  async byProcess(killAfter: number): Promise<void> {
    const mark = this.#newMark();
    this.sent.push({ id: undefined, mark, sender: "s9", urgent: false, wake: true });
    const args = ["mail", "send", "--to", AGENT, "--from", "s9", "--subject", "s", "--body", mark];
    const child = this.#world.room.start([...args, "--wake"]);
    const timer = setTimeout(() => child.kill("SIGKILL"), killAfter);
    await new Promise((done) => child.once("exit", done));
    clearTimeout(timer);
  }

  /** Letters of killed senders: those that are in the store were sent. */
  findStored(): void {
    for (const letter of this.sent) {
      letter.id ??= this.#world.findByMark(letter.mark);
      if (letter.id && this.#refused.has(letter.mark))
        this.failures.push(`threw: ${letter.mark} ${letter.id} was refused, and is stored`);
    }
    const stored = this.sent.filter(({ id }) => id !== undefined);
    this.sent.splice(0, this.sent.length, ...stored);
  }

  mayAllWake(): boolean {
    return this.sent.every(({ wake }) => wake);
  }

  states(): string {
    return this.sent
      .map(({ id }) => this.#world.delivery(id!))
      .map((d) => `${d?.state} ${d?.attempts} ${d?.nextTryAt}`)
      .join();
  }

  areSeen(): boolean {
    return this.sent.every(({ id }) => {
      const state = this.#world.delivery(id!)?.state;
      return state === "seen" || state === "acked";
    });
  }

  #newMark(): string {
    return `m${this.#mark}-${this.sent.length}-end`;
  }

  async #send(sender: string, urgent: boolean, wake: boolean, body: Body): Promise<void> {
    const mark = this.#newMark();
    const priority: Priority = urgent ? "urgent" : "normal";
    const letter = { id: undefined as string | undefined, mark, sender, urgent, wake };
    this.sent.push(letter);
    try {
      const { message } = sendMail(
        this.#world.store,
        {
          ...{ sender, to: AGENT, type: "status", subject: `s ${mark.slice(0, 2)}` },
          ...{ body: bodyText(body, mark), payload: null, priority, wake },
        },
        { perMinute: 0, perPair: 0 },
      );
      letter.id = message.id;
    } catch (error) {
      if (!this.#world.machine.explains(error)) throw error;
      this.#refused.add(mark);
      return;
    }
    if (wake || urgent) await this.#carrier.kick();
  }
}
