import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { isAlive } from "../../src/adapters/alive.ts";
import type { Terminal } from "../../src/ports/terminal.ts";
import { DISPATCHER } from "../../src/usecases/carrier-state.ts";
import { deliverAll, deliverOnce } from "../../src/usecases/deliver-mail.ts";
import { ringAgent } from "../../src/usecases/ring-agent.ts";
import type { WakeTools } from "../../src/usecases/wake-agent.ts";
import type { Moment } from "./schedule.ts";
import type { World } from "./world.ts";

/** Between two rounds it rests until the store changes, and here never longer than this. */
const REST_MS = 500;
/** Its polls are shorter than any runtime's time between a visible paste and Enter. */
const POLL_MS = 25;
const DEAD_PID = spawnSync("true").pid;

interface Life {
  owner: string;
  dying: boolean;
  gone: () => void;
}

const newOwner = () => `${process.pid}:${randomBytes(4).toString("hex")}`;

/**
 * The dispatcher, in this process. It can die at every await of a wake as a killed process does:
 * it never comes back from there, and what it holds is left behind in a dead process's name.
 */
export class Carrier {
  /** Called whenever the dispatcher comes by; what it does happens just then. */
  onMoment: (moment: Moment) => Promise<void> = async () => undefined;
  /** When the last paste was asked for, and the last paste or key that was not refused (Unix ms). */
  lastPaste = 0;
  lastWrite = 0;
  /** Between two rounds, or not running. */
  isResting = true;
  /** What the dispatcher threw, if it did. */
  failures: string[] = [];
  #world: World;
  #life: Life | undefined;
  #running: Promise<void> | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  /** As a sender does at its end: rings the agent's bell, and sees to it that a dispatcher runs. */
  async kick(): Promise<void> {
    try {
      await this.#ringAndCarry();
    } catch (error) {
      // The caller says so, and the letter is stored; a later one carries it.
      if (!this.#world.machine.explains(error)) throw error;
    }
  }

  async #ringAndCarry(): Promise<void> {
    const { store, tools, live } = this.#world;
    if (!live) return;
    await ringAgent({ ...tools, owner: newOwner() }, live);
    this.#world.settleLeases();
    const holder = store.leases.holder(DISPATCHER);
    if (holder && isAlive(Number.parseInt(holder.owner, 10))) return;
    if (holder) store.leases.release(DISPATCHER, holder.owner);
    this.#begin();
  }

  /** SIGKILL, at the next await of its work. */
  die(): void {
    if (this.#life) this.#life.dying = true;
  }

  /**
   * A second writer, as another process would be. Resolves when it stands before its own paste
   * or has ended; its work goes on beside the caller's.
   */
  async rival(): Promise<void> {
    const { tools } = this.#world;
    await new Promise<void>((met) => {
      const paste: Terminal["paste"] = async (...args) => {
        met();
        return tools.terminal.paste(...args);
      };
      const terminal = { ...tools.terminal, paste };
      const owner = newOwner();
      const own = { owner, modeSince: new Map(), spoilt: new Map() };
      void deliverOnce({ ...tools, ...own, terminal })
        .catch((error) => this.#failed(owner, error))
        .finally(met);
    });
  }

  async stop(): Promise<void> {
    this.die();
    await this.#running;
  }

  #begin(): void {
    let gone: () => void = () => undefined;
    const death = new Promise<void>((done) => {
      gone = done;
    });
    const life: Life = { owner: newOwner(), dying: false, gone };
    this.#life = life;
    const work = deliverAll(this.#tools(life)).catch((error) => this.#failed(life.owner, error));
    this.#running = Promise.race([work, death]).then(() => {
      if (this.#life === life) this.#life = undefined;
      this.isResting = true;
    });
  }

  /** On a full disk its process ends, and cannot even say so in the store. */
  #failed(owner: string, error: unknown): void {
    if (this.#world.machine.explains(error)) this.#world.disown(owner, `${DEAD_PID}:ended`);
    else
      this.failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  #tools(life: Life): WakeTools {
    const { tools } = this.#world;
    const at = async (moment: Moment): Promise<void> => {
      await this.onMoment(moment);
      if (!life.dying) return;
      this.#world.disown(life.owner, `${DEAD_PID}:killed`);
      life.gone();
      await new Promise<never>(() => undefined);
    };
    return {
      ...tools,
      owner: life.owner,
      modeSince: new Map(),
      spoilt: new Map(),
      terminal: this.#watched(tools.terminal, at),
      pause: async (ms) => {
        if (ms > POLL_MS) await at("settle");
        await tools.pause(ms);
      },
      changed: async (ms) => {
        this.isResting = true;
        await at("rest");
        await tools.changed(Math.min(ms, REST_MS));
        if (life.dying) await at("rest");
      },
    };
  }

  #watched(terminal: Terminal, at: (moment: Moment) => Promise<void>): Terminal {
    return {
      ...terminal,
      look: async (panes) => {
        this.isResting = false;
        await at("look");
        return terminal.look(panes);
      },
      paste: async (...args) => {
        await at("paste");
        const start = Date.now();
        this.lastPaste = start;
        const result = await terminal.paste(...args);
        if (result.ok) this.lastWrite = start;
        await at("pasted");
        return result;
      },
      press: async (...args) => {
        await at("enter");
        const start = Date.now();
        const result = await terminal.press(...args);
        if (result.ok) this.lastWrite = start;
        await at("entered");
        return result;
      },
    };
  }
}
