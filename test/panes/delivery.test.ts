import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isAlive } from "../../src/adapters/alive.ts";
import { OV, TeamRoom } from "../team-room.ts";

const SOON = { timeout: 90_000, interval: 80 };
let room: TeamRoom;

beforeEach(() => {
  room = new TeamRoom();
});
afterEach(() => room.close());

async function start(name: string, prompt = "hello"): Promise<void> {
  const result = await room.ov(["sling", "t-1", "--name", name, "--prompt", prompt]);
  expect(result).toMatchObject({ code: 0 });
  await expect.poll(() => room.state(name), SOON).toBe("idle");
}
const send = async (to: string, body: string): Promise<string> =>
  (await room.json("mail", "send", "--to", to, "--subject", "News", "--body", body, "--wake")).id;
const type = (...keys: string[]) => room.tmux("send-keys", "-t", "=bo:", ...keys);
/** Types as a person does: Enter once the text is to be seen. */
async function prompt(text: string): Promise<void> {
  type("-l", text);
  await expect.poll(() => room.screen("bo"), SOON).toContain(`❯\u00a0${text}`);
  type("Enter");
}
const held = (id: string, reason: string) =>
  expect.poll(async () => (await room.receipt(id, "bo")).reason, SOON).toBe(reason);
const seen = (id: string, name = "bo") =>
  expect.poll(async () => (await room.receipt(id, name)).state, SOON).toBe("seen");

test("a letter wakes an idle agent and reaches it once", async () => {
  await start("bo");
  const id = await send("bo", "mark-one");
  await seen(id);
  expect(room.reached("bo", "mark-one")).toBe(1);
});

test("a subject that a composer would change does not stop the wake", async () => {
  await start("bo");
  const subject = "👩‍👩‍👧 a\u200bb \u202eright-to-left ; $(id) `x` \\";
  const args = ["mail", "send", "--to", "bo", "--subject", subject, "--body", "mark-odd", "--wake"];
  const { id } = await room.json(...args);
  await seen(id);
  expect(room.reached("bo", "mark-odd")).toBe(1);
});

test("a letter to a busy agent goes in at the next tool, without a notice", async () => {
  await start("bo");
  await prompt("RUN: sleep 2");
  await expect.poll(() => room.state("bo"), SOON).toBe("busy");
  const id = await send("bo", "mark-tool");
  await seen(id);
  expect((await room.receipt(id, "bo")).door).toMatch(/^hook:(PostToolUse|Stop)$/);
  expect(room.reached("bo", "mark-tool")).toBe(1);
  expect(room.reached("bo", "[ov wake-")).toBe(0);
});

test("a letter that may not wake waits for the next turn", async () => {
  await start("bo");
  const args = ["mail", "send", "--to", "bo", "--subject", "Later", "--body", "mark-later"];
  const { id } = await room.json(...args);
  await prompt("next");
  await seen(id);
  expect((await room.receipt(id, "bo")).door).toBe("hook:UserPromptSubmit");
  expect(room.reached("bo", "mark-later")).toBe(1);
});

test("200 letters by 8 senders at once reach two panes, each in its own, once, unmixed", async () => {
  await start("bo");
  await start("al");
  const queue = Array.from({ length: 200 }, (_, i) => ({
    to: i % 2 ? "bo" : "al",
    body: `mark-${i % 2 ? "bo" : "al"}-${i}-end`,
  }));
  const senders = Array.from({ length: 8 }, async () => {
    for (let next = queue.pop(); next; next = queue.pop()) await send(next.to, next.body);
  });
  await Promise.all(senders);
  const open = async () =>
    (await room.json("mail", "list", "--unread", "--limit", "300")).messages.length;
  await expect.poll(open, { timeout: 90_000, interval: 500 }).toBe(0);
  for (let i = 0; i < 200; i++) {
    const [own, other] = i % 2 ? ["bo", "al"] : ["al", "bo"];
    expect(room.reached(own!, `mark-${own}-${i}-end`)).toBe(1);
    expect(room.reached(other!, `mark-${own}-${i}-end`)).toBe(0);
  }
}, 150_000);

test("a dialog holds the letter, is not answered, and the letter comes after it", async () => {
  await start("bo");
  await prompt("ASK: touch answered");
  await expect.poll(() => room.state("bo"), SOON).toBe("waiting");
  const id = await send("bo", "mark-dialog");
  await held(id, "dialog_open");
  expect(room.screen("bo")).toContain("Do you want to proceed?");
  type("Escape");
  await seen(id);
  expect(room.reached("bo", "mark-dialog")).toBe(1);
  expect(room.git("-C", ".overture/worktrees/bo", "status", "--porcelain")).toBe("");
});

test("a half-typed draft holds the letter and is not changed", async () => {
  await start("bo");
  type("-l", "half a thought");
  await expect.poll(() => room.screen("bo"), SOON).toContain("half a thought");
  const id = await send("bo", "mark-draft");
  await held(id, "human_draft");
  expect(room.screen("bo")).toMatch(/❯\u00a0half a thought\s*\n/);
  type("C-u");
  await seen(id);
  expect(room.reached("bo", "half a thought")).toBe(0);
  expect(room.reached("bo", "mark-draft")).toBe(1);
});

test.each([
  ["copy mode", ["copy-mode"], "pane_mode", ["copy-mode", "-q"]],
  ["clock mode", ["clock-mode"], "pane_mode", ["copy-mode", "-q"]],
  ["input switched off", ["select-pane", "-d"], "input_off", ["select-pane", "-e"]],
])("%s holds the letter until it is over", async (_, enter, reason, leave) => {
  await start("bo");
  room.tmux(...enter, "-t", "=bo:");
  const id = await send("bo", "mark-mode");
  await held(id, reason);
  room.tmux(...leave, "-t", "=bo:");
  await seen(id);
  expect(room.reached("bo", "mark-mode")).toBe(1);
});

test("synchronized panes hold the letter, and nothing reaches the pane next door", async () => {
  await start("bo");
  room.tmux("split-window", "-d", "-t", "=bo:", "cat");
  room.tmux("set-option", "-w", "-t", "=bo:", "synchronize-panes", "on");
  const id = await send("bo", "mark-sync");
  await held(id, "panes_synchronized");
  room.tmux("set-option", "-w", "-t", "=bo:", "synchronize-panes", "off");
  await seen(id);
  const panes = room.tmux("list-panes", "-t", "=bo:", "-F", "#{pane_id}").trim().split("\n");
  const next = room.tmux("capture-pane", "-p", "-t", panes[1]!);
  expect(next.trim()).toBe("");
});

test("a program that is held up is given nothing behind keys that it has not read", async () => {
  writeFileSync(join(room.root, "script.yaml"), "habits: { hangMs: 15000 }");
  room.configure(`runtimes:\n  scripted:\n    args: ["--script", "${room.root}/script.yaml"]\n`);
  await start("bo");
  process.kill(Number(readFileSync(join(room.session("bo"), "pid"), "utf8")), "SIGUSR2");
  type("-l", "a person's own");
  const id = await send("bo", "mark-unread");
  await held(id, "input_unread");
  expect(room.screen("bo")).not.toContain("own");
  await held(id, "human_draft");
  type("C-u");
  await seen(id);
  expect(room.reached("bo", "mark-unread")).toBe(1);
  expect(room.reached("bo", "person's own")).toBe(0);
});

test("a hook whose program has said nothing yet takes no letter", async () => {
  await start("bo");
  const letter = ["mail", "send", "--to", "bo", "--subject", "News", "--body", "mark-silent"];
  const { id } = await room.json(...letter);
  const db = new Database(join(room.root, ".overture", "overture.db"), { readonly: true });
  const session = db.prepare("SELECT id FROM sessions WHERE agent = 'bo'").pluck().get();
  db.close();
  const event = ["mail", "check", "--inject", "--event", "UserPromptSubmit"];
  const env = { ...room.env, OV_AGENT: "bo", OV_SESSION: String(session) };
  const hook = spawn(OV, event, { cwd: room.root, env, stdio: ["pipe", "pipe", "ignore"] });
  let text = "";
  hook.stdout.on("data", (chunk) => (text += chunk));
  expect(await once(hook, "close")).toEqual([0, null]);
  expect([text, (await room.receipt(id, "bo")).state]).toEqual(["", "queued"]);
  await prompt("hello again");
  await seen(id);
});

test("a reader is moved out of copy mode only after the grace period", async () => {
  room.configure("delivery:\n  modeGraceSeconds: 2\n");
  await start("bo");
  room.tmux("copy-mode", "-t", "=bo:");
  const id = await send("bo", "mark-grace");
  await held(id, "pane_mode");
  await seen(id);
  expect(room.reached("bo", "mark-grace")).toBe(1);
});

test("an agent that exits leaves a sink: a letter waits, and nothing is typed", async () => {
  await start("bo");
  await prompt("EXIT 3");
  await expect.poll(() => room.state("bo"), SOON).toBe("exited");
  const id = await send("bo", "touch typed-into-a-shell");
  await held(id, "not_running");
  expect(room.screen("bo")).toContain("[ov] bo ended (exit 3)");
  expect(room.screen("bo")).not.toContain("[ov wake-");
  const again = await room.ov(["sling", "t-1", "--name", "bo", "--recover", "--prompt", "again"]);
  expect(again).toMatchObject({ code: 0 });
  await seen(id);
});

test("a letter that was injected before a SIGKILL is not given to the next session again", async () => {
  await start("bo");
  const id = await send("bo", "mark-kill");
  await expect.poll(() => room.reached("bo", "mark-kill"), SOON).toBe(1);
  const pid = execFileSync("cat", [`${room.session("bo")}/pid`], { encoding: "utf8" }).trim();
  process.kill(Number(pid), "SIGKILL");
  await expect.poll(() => room.state("bo"), SOON).toBe("exited");
  await room.ov(["sling", "t-1", "--name", "bo", "--recover", "--prompt", "again"]);
  await seen(id);
  await expect.poll(() => room.state("bo"), SOON).toBe("idle");
  expect(room.reached("bo", "mark-kill", 2)).toBe(0);
});

test("a dispatcher that is killed is replaced by the next call", async () => {
  await start("bo");
  type("-l", "draft");
  await expect.poll(() => room.screen("bo"), SOON).toContain("❯\u00a0draft");
  const id = await send("bo", "mark-dispatcher");
  await held(id, "human_draft");
  process.kill(room.dispatcher()!.pid, "SIGKILL");
  type("C-u");
  await room.ov(["mail", "check"]);
  await seen(id);
  expect(room.reached("bo", "mark-dispatcher")).toBe(1);
});

test("a letter whose marker was lost with its folder is taken at the next wake", async () => {
  await start("bo");
  type("-l", "draft");
  await expect.poll(() => room.screen("bo"), SOON).toContain("❯\u00a0draft");
  const id = await send("bo", "mark-lost-marker");
  await held(id, "human_draft");
  rmSync(`${room.root}/.overture/mail`, { recursive: true });
  type("C-u");
  await seen(id);
  expect(room.reached("bo", "mark-lost-marker")).toBe(1);
  expect(room.reached("bo", "[ov wake-")).toBe(1);
});

test("a program that a signal has stopped is brought back, and no letter meets a shell", async () => {
  await start("bo");
  const pid = Number(readFileSync(join(room.session("bo"), "pid"), "utf8"));
  for (const [signal, mark] of [
    ["SIGSTOP", "mark-stop"],
    ["SIGTSTP", "mark-tstp"],
  ] as const) {
    process.kill(pid, signal);
    const id = await send("bo", mark);
    await seen(id);
    expect(room.reached("bo", mark)).toBe(1);
    await expect.poll(() => room.state("bo"), SOON).toBe("idle");
  }
  expect(room.screen("bo")).not.toContain("ended");
});

test("an exit code in the range of stops ends the session", async () => {
  await start("bo");
  await prompt("EXIT 147");
  await expect.poll(() => room.state("bo"), SOON).toBe("exited");
  expect((await room.ov(["explain", "bo"])).stdout).toContain("exit code 147");
});

test("a pane that is killed with its program leaves nobody behind the bell", async () => {
  room.configure("runtimes:\n  scripted: { args: [--profile, claude] }\n");
  await start("bo");
  const waiter = Number(readFileSync(join(room.session("bo"), "waiter"), "utf8"));
  const pid = Number(readFileSync(join(room.session("bo"), "pid"), "utf8"));
  const script = Number(room.tmux("display-message", "-p", "-t", "=bo:", "#{pane_pid}"));
  process.kill(pid, "SIGKILL");
  process.kill(script, "SIGKILL");
  await expect.poll(() => room.state("bo"), SOON).not.toBe("idle");
  await send("bo", "mark-after");
  await expect.poll(() => isAlive(waiter), SOON).toBe(false);
});
