import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { Carrier } from "./carrier.ts";
import { Hazards } from "./hazards.ts";
import { IS_OWN } from "./machine.ts";
import { BEGUN_MS, Person } from "./person.ts";
import { Post } from "./post.ts";
import { Programs } from "./programs.ts";
import type { Act, Moment, Schedule, Trap } from "./schedule.ts";
import { judge, type Verdict } from "./verdict.ts";
import { holds, pause } from "./wait.ts";
import { AGENT, type World } from "./world.ts";

const CALM_MS = 40_000;
/** So long nothing must move before the test lets time pass. */
const STILL_MS = 700;
const GRACE_MS = 5_000;
const WATCH_MS = 1_500;
const IN_HANDS_MS = 400;

/** Plays a schedule at the world's agent, then ends every hazard and reads what came of it. */
export async function play(world: World, plan: Schedule): Promise<Verdict> {
  return new Play(world, plan).run();
}

class Play {
  #world: World;
  #plan: Schedule;
  #carrier: Carrier;
  #hazards: Hazards;
  #person: Person;
  #post: Post;
  #ambushes: { at: Moment; trap: Trap; ms: number }[] = [];
  #story: string[] = [];
  #left = 0;
  #began = Date.now();

  constructor(world: World, plan: Schedule) {
    this.#world = world;
    this.#plan = plan;
    const mark = `${plan.seed.toString(36)}x${world.plays++}`;
    this.#carrier = new Carrier(world);
    this.#carrier.onMoment = (moment) => this.#spring(moment);
    this.#person = new Person(world, this.#carrier, mark);
    this.#hazards = new Hazards(world, this.#person);
    this.#post = new Post(world, this.#carrier, mark);
  }

  async run(): Promise<Verdict> {
    this.#world.subject.forget();
    this.#world.forgetRecorded();
    this.#world.machine.wasFull = false;
    const programs = new Programs(this.#world.room.root, AGENT, this.#world.subject.isProgram);
    programs.watch();
    try {
      return await this.#played(programs);
    } finally {
      programs.stop();
    }
  }

  async #played(programs: Programs): Promise<Verdict> {
    for (const act of this.#plan.acts) {
      this.#tell(JSON.stringify(act));
      await this.#act(act);
    }
    this.#tell("calm");
    const broken: string[] = [];
    try {
      await this.#calm();
    } catch (error) {
      broken.push(`lost: ${String((error as Error).message)}${this.#scene()}`);
    }
    await this.#carrier.stop();
    programs.stop();
    broken.push(...programs.broken, ...this.#hazards.failures, ...this.#post.failures);
    broken.push(...this.#person.broken, ...this.#carrier.failures.map((text) => `threw: ${text}`));
    const verdict = judge(this.#world, this.#post, this.#person, broken);
    verdict.left = this.#left;
    if (verdict.broken.length > 0) verdict.story = [...this.#story, ...this.#histories(verdict)];
    return verdict;
  }

  /** Of each letter that a broken promise names: when the model was given it, and what was stored. */
  #histories({ broken }: Verdict): string[] {
    const named = this.#post.sent.filter(({ id, sender }) =>
      broken.some((text) => text.includes(id!) || text.includes(`of ${sender}:`)),
    );
    return named.flatMap(({ id, mark }) => [
      `${mark} ${id}, first given ${(this.#world.subject.firstGiven(mark) ?? 0) - this.#began}`,
      ...this.#world.subject
        .given()
        .filter(({ text }) => text.includes(mark))
        .map(({ at, source, log }) => `  ${at - this.#began} given by ${source} of session ${log}`),
      ...this.#world.history(id!, this.#began).map((line) => `  ${line}`),
    ]);
  }

  #tell(what: string): void {
    this.#story.push(`${String(Date.now() - this.#began).padStart(6)} ${what}`);
  }

  async #act(act: Act): Promise<void> {
    const { do: what } = act;
    const person = this.#person;
    const world = this.#world;
    if (what === "pause") await pause(act.ms);
    else if (what === "watch") await holds(() => this.#post.areKnown(), WATCH_MS);
    else if (what === "read") await this.#post.read();
    else if (what === "send") await this.#post.send(act);
    else if (what === "burst") await this.#post.burst(act.senders);
    else if (what === "send-self") await this.#post.self();
    else if (what === "ov-send") this.#hazards.jobs.push(this.#post.byProcess(act.killAfter));
    else if (what === "trigger") await Promise.all([this.#carrier.kick(), this.#carrier.kick()]);
    else if (what === "type") await person.type(act.text);
    else if (what === "clear") person.clear();
    else if (what === "submit") await person.submit(act.text);
    else if (what === "refuse") person.seesDialog && person.escape();
    else if (what === "interrupt") person.escape();
    else if (what === "mode") person.mode(act.mode);
    else if (what === "leave") person.leave(GRACE_MS);
    else if (what === "input") person.input(act.on);
    else if (what === "sync") person.sync(act.on);
    else if (what === "resize") this.#hazards.resize(act.columns);
    else if (what === "hang") this.#hazards.hang();
    else if (what === "kill-agent") await this.#hazards.killAgent();
    else if (what === "kill-pane") await this.#hazards.killPane();
    else if (what === "swap-server") await this.#hazards.swapServer();
    else if (what === "die") this.#carrier.die();
    else if (what === "unsocket") this.#hazards.unsocket();
    else if (what === "resocket") await this.#hazards.resocket();
    else if (what === "elsewhere") world.elsewhere(act.on);
    else if (what === "fill" || what === "free" || what === "blind") await this.#machine(act);
    else if (what === "restart") await this.#hazards.restart(act.end, act.killAfter);
    else if (what === "kill-hook") this.#hazards.killHook(act.after);
    else if (what === "lock") this.#hazards.lock(act.ms);
    else if (what === "spoil") this.#hazards.spoil();
    else if (what === "unmark") this.#hazards.unmark();
    else if (what === "clock") world.skew = act.skew;
    else this.#ambushes.push({ at: act.at, trap: act.trap, ms: act.ms ?? 0 });
  }

  /** What only a lane in namespaces of its own can do. */
  async #machine(act: Act & { do: "fill" | "free" | "blind" }): Promise<void> {
    if (!IS_OWN) this.#left++;
    else if (act.do === "fill") this.#world.machine.fill();
    else if (act.do === "free") this.#world.machine.free();
    else await this.#world.machine.blind(act.on);
  }

  /** What lies in wait for this moment of the dispatcher happens now. */
  async #spring(moment: Moment): Promise<void> {
    const at = this.#ambushes.findIndex((ambush) => ambush.at === moment);
    if (at < 0) return;
    const [{ trap, ms } = { trap: "die" as Trap, ms: 0 }] = this.#ambushes.splice(at, 1);
    this.#tell(`${moment}: ${trap}`);
    const person = this.#person;
    if (trap === "draft") await person.type("half a thought");
    else if (trap === "copy-mode") person.mode("copy-mode");
    else if (trap === "input-off") person.input(false);
    else if (trap === "sync") person.sync(true);
    else if (trap === "resize") this.#hazards.resize(40);
    else if (trap === "prompt") {
      if (await person.submit("SLOW 0.4")) await holds(() => this.#world.is("busy"), 300);
    } else if (trap === "dialog") {
      if (await person.submit("ASK: touch answered #")) await holds(() => person.seesDialog, 800);
    } else if (trap === "kill-agent") await this.#hazards.killAgent();
    else if (trap === "kill-pane") await this.#hazards.killPane();
    else if (trap === "swap-server") await this.#hazards.swapServer();
    else if (trap === "die") this.#carrier.die();
    else if (trap === "unsocket") this.#hazards.unsocket();
    else if (trap === "fill") await this.#machine({ do: "fill" });
    else if (trap === "read") this.#hazards.jobs.push(this.#readInHands());
    else if (trap === "unmark") this.#hazards.unmark();
    else if (trap === "hang") this.#hazards.hang();
    else if (trap === "late") await this.#hazards.late(ms);
    else await this.#carrier.rival();
  }

  /** A reader comes when a hook has letters in its hands, and the program hangs before it has them. */
  async #readInHands(): Promise<void> {
    const isTaken = () => this.#world.store.mail.open(AGENT).length > 0;
    await holds(isTaken, IN_HANDS_MS, 1);
    this.#hazards.hang();
    await this.#post.read();
  }

  /** Every hazard ends; the letters have until a deadline to be seen. */
  async #calm(): Promise<void> {
    this.#ambushes = [];
    const world = this.#world;
    const person = this.#person;
    world.elsewhere(false);
    world.machine.free();
    world.settleLeases();
    if (IS_OWN) await world.machine.blind(false);
    await this.#hazards.resocket();
    person.leave(GRACE_MS);
    person.input(true);
    person.sync(false);
    this.#hazards.resize(160);
    rmSync(join(world.room.root, ".overture", "chaos-kill"), { force: true });
    await Promise.all(this.#hazards.jobs);
    this.#post.findStored();
    person.check();
    world.skew = 0;
    if (!this.#post.mayAllWake()) world.store.mail.arouse(AGENT);
    let deadline = Date.now() + CALM_MS;
    let last = "";
    let since = Date.now();
    let stills = 0;
    for (let n = 0; ; n++) {
      if (await this.#isGone()) {
        // A real program takes up to half a minute until it has answered its first prompt.
        const start = Date.now();
        await this.#restart();
        deadline += Date.now() - start;
      }
      if (await this.#isOver()) return;
      if (Date.now() > deadline) throw new Error("letters not seen in time");
      await this.#carrier.kick();
      if (n % 6 === 5) await person.tidy(this.#post.areSeen());
      const status = await world.status();
      const now = `${this.#post.states()} ${status}`;
      if (now !== last) {
        last = now;
        since = Date.now();
      } else if (Date.now() - since > STILL_MS && status === "idle" && this.#carrier.isResting) {
        await this.#passTime(stills++);
        since = Date.now();
      }
      await pause(25);
    }
  }

  /**
   * Nothing moves: notices and leases run out after seconds. What was given with a prompt that Esc
   * took back is given up after ten minutes, in which the person works on.
   */
  async #passTime(stills: number): Promise<void> {
    if (stills % 3 === 1) await this.#person.submit("hello there");
    this.#world.elapse(stills % 3 === 2 ? 660_000 : 16_000);
    this.#tell(`time passes ${this.#post.states()}`);
  }

  async #isGone(): Promise<boolean> {
    if (!this.#world.live || this.#world.startDied) return true;
    const status = await this.#world.status();
    return status === "gone" || (status === "starting" && this.#world.reading() === undefined);
  }

  async #restart(): Promise<void> {
    this.#tell("restart");
    this.#person.lost();
    await this.#world.start();
  }

  async #isOver(): Promise<boolean> {
    if (!this.#post.areSeen() || !(await this.#world.is("idle"))) return false;
    const isAtRest = async () => {
      const reading = this.#world.reading();
      const isEmpty = reading?.focus === "composer" && !reading.busy && reading.draft === "";
      return isEmpty && (await this.#world.is("idle"));
    };
    if (!(await isAtRest())) {
      const reading = this.#world.reading();
      if (reading?.focus === "composer" && !reading.busy) await this.#person.tidy(true);
      return false;
    }
    // A question that the program has queued would ask the person of the next schedule.
    return !this.#person.hasAsked || !(await holds(async () => !(await isAtRest()), BEGUN_MS));
  }

  #scene(): string {
    const screen = this.#world.tmux("capture-pane", "-p", "-t", `=${AGENT}:`)?.trim();
    const room = this.#world.room;
    const said = execFileSync(this.#world.context.bin, ["explain", AGENT], {
      cwd: room.root,
      env: room.env,
      encoding: "utf8",
    });
    return `\n${said}\n${screen}\n`;
  }
}
