import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TeamRoom } from "../team-room.ts";
import type { Act, Schedule } from "./schedule.ts";

export interface Verdict {
  letters: number;
  /** What a promise broke, in words; empty for a good run. */
  broken: string[];
}

interface Sent {
  id: string;
  mark: string;
  urgent: boolean;
}

const ODD = "\u001b[201~\r\n$(touch typed) ; `x` 👩‍👩‍👧 \u202eabc \u0007 -l";
const SETTLE_MS = 45_000;
const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Plays a schedule at one scripted agent, then ends every hazard and reads what came of it. */
export async function play(room: TeamRoom, name: string, plan: Schedule): Promise<Verdict> {
  const player = new Player(room, name);
  await player.begin();
  for (const act of plan.acts) await player.act(act);
  await player.calm();
  return player.verdict();
}

class Player {
  readonly #room: TeamRoom;
  readonly #name: string;
  readonly #sent: Sent[] = [];
  readonly #broken: string[] = [];
  #draft = "";
  #generation = 0;
  #inMode = false;

  constructor(room: TeamRoom, name: string) {
    this.#room = room;
    this.#name = name;
  }

  async begin(): Promise<void> {
    this.#generation++;
    const recover = this.#generation > 1 ? ["--recover"] : [];
    this.#inMode = false;
    this.#draft = "";
    const args = ["sling", "chaos", "--name", this.#name, "--prompt", "begin", ...recover];
    const { code, stderr } = await this.#room.ov(args);
    if (code !== 0) throw new Error(stderr);
    await this.#until("idle", async () => (await this.#room.state(this.#name)) === "idle");
  }

  async act(act: Act): Promise<void> {
    if (act.do === "pause") await wait(act.ms);
    else if (act.do === "send") await this.#send(act.urgent, act.odd);
    else if (act.do === "kill-dispatcher") this.#killDispatcher();
    else if (act.do === "kill-agent") await this.#killAgent();
    else if (act.do === "draft") await this.#type(`half a thought ${this.#sent.length}`);
    else if (act.do === "clear") await this.#clear();
    else if (act.do === "dialog") await this.#submit("ASK: touch answered");
    else if (act.do === "work") await this.#submit("RUN: sleep 0.5");
    else if (act.do === "refuse") await this.#refuse();
    else if (act.do === "mode") this.#mode(act.mode);
    else if (act.do === "leave") this.#leave();
    else if (act.do === "resize") this.#tmux("resize-window", "-x", String(act.columns));
    else this.#tmux("select-pane", act.do === "input-off" ? "-d" : "-e");
  }

  /** Every hazard ends; the letters have until a deadline to be seen. */
  async calm(): Promise<void> {
    this.#leave();
    this.#tmux("select-pane", "-e");
    this.#tmux("resize-window", "-x", "160");
    await this.#checkDraft();
    const open = async () => {
      if (await this.#dialogIsOpen()) this.#keys("Escape");
      await this.#clear();
      // A queued text that Esc gave back is the person's again, and the person clears it.
      if (/(RUN|ASK): /.test(this.#composer())) this.#keys("C-u");
      const { letters } = await this.#room.json("explain", this.#name);
      return letters.length === 0;
    };
    await this.#until("every letter seen", open).catch((error) => this.#broken.push(String(error)));
  }

  async verdict(): Promise<Verdict> {
    const given = this.#given();
    for (const { mark, id } of this.#sent) {
      const times = given.split(mark).length - 1;
      if (times === 0) this.#broken.push(`lost: ${id}`);
      if (times > 1) this.#broken.push(`duplicated ${times} times: ${id}`);
      const { state } = await this.#room.receipt(id, this.#name);
      if (times === 1 && state !== "seen" && state !== "acked") {
        this.#broken.push(`untrue receipt ${state}: ${id}`);
      }
    }
    const plain = this.#sent.filter(({ urgent }) => !urgent).map(({ mark }) => given.indexOf(mark));
    if (plain.some((at, i) => i > 0 && at < plain[i - 1]!)) {
      const { messages } = await this.#room.json("mail", "list", "--to", this.#name);
      const rows = messages.reverse().map((m: { receipts: object[] }) => m.receipts[0]);
      this.#broken.push(`out of order: ${plain} ${JSON.stringify(rows, null, 1)}`);
    }
    const tree = join(this.#room.root, ".overture", "worktrees", this.#name);
    if (existsSync(join(tree, "answered"))) this.#broken.push("a dialog was answered");
    if (existsSync(join(tree, "typed"))) this.#broken.push("text reached a shell");
    if (given.includes("half a thought")) this.#broken.push("a draft was submitted");
    await this.#room.ov(["stop", this.#name]);
    return { letters: this.#sent.length, broken: this.#broken };
  }

  /** All that the agent's "model" was given, over all its sessions. */
  #given(): string {
    const parts: string[] = [];
    for (let n = 1; n <= this.#generation; n++) {
      const path = join(this.#room.session(this.#name, n), "home", "requests.jsonl");
      if (!existsSync(path)) continue;
      for (const line of readFileSync(path, "utf8").split("\n").filter(Boolean)) {
        for (const part of JSON.parse(line).new) parts.push(part.text);
      }
    }
    return parts.join("\n");
  }

  async #send(urgent: boolean, odd: boolean): Promise<void> {
    const mark = `mark-${this.#name}-${this.#sent.length}-end`;
    const body = odd ? `${ODD} ${mark}` : mark;
    const args = ["mail", "send", "--to", this.#name, "--subject", "s", "--body", body, "--wake"];
    const { id } = await this.#room.json(...args, ...(urgent ? ["--priority", "urgent"] : []));
    this.#sent.push({ id, mark, urgent });
  }

  #killDispatcher(): void {
    const { pid } = this.#room.dispatcher() ?? {};
    if (pid !== undefined) process.kill(pid, "SIGKILL");
  }

  async #killAgent(): Promise<void> {
    const path = join(this.#room.session(this.#name, this.#generation), "pid");
    process.kill(Number(readFileSync(path, "utf8")), "SIGKILL");
    await this.#until("exit", async () => (await this.#room.state(this.#name)) === "exited");
    await this.begin();
  }

  /** What a person does only when the keys would reach the composer. */
  async #type(text: string): Promise<void> {
    if (this.#draft !== "" || this.#inMode || (await this.#dialogIsOpen())) return;
    if (!/❯\u00a0\s*\n/.test(this.#room.screen(this.#name))) return;
    this.#tmux("select-pane", "-e");
    this.#keys("-l", text);
    this.#draft = text;
  }

  async #clear(): Promise<void> {
    await this.#checkDraft();
    if (this.#draft === "" || this.#inMode) return;
    this.#tmux("select-pane", "-e");
    this.#keys("C-u");
    this.#draft = "";
  }

  async #submit(text: string): Promise<void> {
    await this.#type(text);
    if (this.#draft !== text) return;
    const shown = async () => this.#composer().includes(text);
    const isShown = await this.#until("typed", shown, 1_000).then(
      () => true,
      () => false,
    );
    if (isShown) this.#keys("Enter");
    else this.#keys("C-u");
    this.#draft = "";
  }

  async #refuse(): Promise<void> {
    if (!this.#inMode && (await this.#dialogIsOpen())) this.#keys("Escape");
  }

  #mode(mode: string): void {
    this.#tmux(mode);
    this.#inMode = true;
  }

  #leave(): void {
    this.#tmux("copy-mode", "-q");
    this.#inMode = false;
  }

  /** A person's draft is as it was typed, unless it met a notice that was pasted at that moment. */
  async #checkDraft(): Promise<void> {
    if (this.#draft === "" || this.#inMode) return;
    const squeeze = (text: string) => text.replace(/\s/g, "");
    const found = squeeze(this.#composer());
    if (found !== "" && !found.includes(squeeze(this.#draft))) {
      this.#broken.push(`draft changed: ${found}`);
    }
  }

  #composer(): string {
    const screen = this.#room.screen(this.#name);
    return /\n─+\n❯\u00a0([\s\S]*?)\n─+\n/.exec(screen)?.[1] ?? "";
  }

  async #dialogIsOpen(): Promise<boolean> {
    return this.#room.screen(this.#name).includes("Do you want to proceed?");
  }

  async #scene(): Promise<string> {
    const { stdout } = await this.#room.ov(["explain", this.#name]);
    return `\n${stdout}\n${this.#room.screen(this.#name).trim()}\n`;
  }

  #keys(...keys: string[]): void {
    this.#tmux("send-keys", ...keys);
  }

  #tmux(verb: string, ...args: string[]): void {
    this.#room.tmux(verb, "-t", `=${this.#name}:`, ...args);
  }

  async #until(what: string, fact: () => Promise<boolean>, ms = SETTLE_MS): Promise<void> {
    const deadline = Date.now() + ms;
    while (!(await fact())) {
      if (Date.now() > deadline)
        throw new Error(`${what}: not within ${ms} ms${await this.#scene()}`);
      await wait(60);
    }
  }
}
