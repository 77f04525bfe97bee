import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Person, socketPath } from "./person.ts";

const SOON = { timeout: 90_000, interval: 80 };
let me: Person;

beforeEach(() => {
  me = new Person();
});
afterEach(() => me.close());

const adopt = (...more: string[]) =>
  me.room.ov(["adopt", "%0", "--socket", "person", "--name", "bo", ...more]);
const send = async (body: string, ...more: string[]): Promise<string> => {
  const args = ["mail", "send", "--to", "bo", "--from", "lead", "--subject", "News", "--wake"];
  return (await me.room.json(...args, "--body", body, ...more)).id;
};
const receipt = (id: string) => me.room.receipt(id, "bo");
const offered = (id: string) =>
  expect.poll(async () => (await receipt(id)).state, SOON).toBe("offered");
const held = (id: string, reason: string) =>
  expect.poll(async () => (await receipt(id)).reason, SOON).toBe(reason);

/** The scripted agent without any hook, started by hand at the shell. */
async function start(settings?: string): Promise<void> {
  me.line(me.agent(settings));
  await expect.poll(() => me.screen(), SOON).toContain("❯\u00a0");
}
async function started(): Promise<void> {
  await start();
  expect(await adopt()).toMatchObject({ code: 0, stderr: "" });
  await expect.poll(() => me.room.state("bo"), SOON).toBe("idle");
}

test("a program that a person started is found by its process and becomes an agent", async () => {
  await start();
  const data = JSON.parse((await adopt("--json")).stdout);
  expect(data).toMatchObject({ agentName: "bo", runtime: "scripted", pane: "%0", state: "idle" });
  expect(me.tmux("display-message", "-p", "-t", "%0", "#{@ov_session}").trim()).toBe(
    data.sessionId,
  );
  expect(data.missing.join()).toContain("letters stay offered until it answers");
  const files = join(me.room.root, ".overture", "adopted");
  expect(readdirSync(files)).toHaveLength(1);
  expect(statSync(join(files, readdirSync(files)[0]!)).mode & 0o777).toBe(0o600);
});

test("adopt without a pane takes the one in which it runs; a socket may be a path", async () => {
  await start();
  const here = { env: me.inPane() };
  expect(await me.room.ov(["adopt", "--name", "bo"], here)).toMatchObject({ code: 0 });
  await me.room.ov(["release", "bo"]);
  const path = ["adopt", "%0", "--socket", socketPath(me), "--name", "bo"];
  expect(await me.room.ov(path)).toMatchObject({ code: 0 });
});

test("a letter is typed into the composer and reaches the model once, with its body", async () => {
  await started();
  const id = await send("mark-typed\n! rm -r x\n/quit\n@file");
  await offered(id);
  expect((await receipt(id)).door).toBe("type");
  await expect.poll(() => me.reached("mark-typed"), SOON).toBe(1);
  expect(me.given()).toMatch(
    /^\[ov type-\w+\] Mail for you: You have 1 new message:\n\n--- From: lead/m,
  );
  expect(me.reached("[ov wake-")).toBe(0);
});

test("what an adopted agent answers from its tool is its own, and acks the letter", async () => {
  await started();
  const id = await send("mark-answer");
  await offered(id);
  await expect.poll(() => me.room.state("bo"), SOON).toBe("idle");
  const reply = `RUN: ${join(process.cwd(), "bin/ov")} mail reply ${id} --body done`;
  me.type("-l", reply);
  await expect.poll(() => me.screen(), SOON).toContain("--body done");
  me.type("Enter");
  await expect.poll(async () => (await receipt(id)).state, SOON).toBe("acked");
});

test("a person's own command in the pane of an adopted program is the person's", async () => {
  await started();
  await send("mark-person", "--priority", "low");
  const { stdout } = await me.room.ov(["mail", "send", "--to", "bo", "--subject", "s", "--json"], {
    env: me.inPane(),
  });
  const { messages } = await me.room.json("mail", "list", "--from", "orchestrator");
  expect(messages.map((message: { id: string }) => message.id)).toContain(JSON.parse(stdout).id);
});

test("three letters of two senders go in together or in order, each once", async () => {
  await started();
  const ids = [await send("mark-a1"), await send("mark-a2"), await send("mark-a3")];
  for (const id of ids) await offered(id);
  await expect.poll(() => me.reached("mark-a3"), SOON).toBe(1);
  const text = me.given();
  expect(text.indexOf("mark-a1")).toBeLessThan(text.indexOf("mark-a2"));
  expect(text.indexOf("mark-a2")).toBeLessThan(text.indexOf("mark-a3"));
  expect([me.reached("mark-a1"), me.reached("mark-a2")]).toEqual([1, 1]);
});

test("a letter above 8 KB is typed cut, with the command that prints all of it", async () => {
  await started();
  const id = await send(`mark-long ${"word ".repeat(3_000)}mark-tail`);
  await offered(id);
  await expect.poll(() => me.reached("mark-long"), SOON).toBe(1);
  expect(me.given()).toContain(`read all of it with: ov mail read ${id}`);
  expect(me.reached("mark-tail")).toBe(0);
});

test("a half-typed draft holds the letter and is not changed", async () => {
  await started();
  me.type("-l", "half a thought");
  await expect.poll(() => me.screen(), SOON).toContain("❯\u00a0half a thought");
  const id = await send("mark-draft");
  await held(id, "human_draft");
  expect(me.screen()).toMatch(/❯\u00a0half a thought\s*\n/);
  me.type("C-u");
  await offered(id);
  expect([me.reached("half a thought"), me.reached("mark-draft")]).toEqual([0, 1]);
});

test("a dialog and copy mode hold the letter, and the dialog is not answered", async () => {
  await started();
  me.type("-l", "ASK: touch answered");
  await expect.poll(() => me.screen(), SOON).toContain("❯\u00a0ASK");
  me.type("Enter");
  await expect.poll(() => me.room.state("bo"), SOON).toBe("waiting");
  const id = await send("mark-guard");
  await held(id, "dialog_open");
  me.type("Escape");
  me.tmux("copy-mode", "-t", "%0");
  await held(id, "pane_mode");
  me.tmux("copy-mode", "-q", "-t", "%0");
  await offered(id);
  await expect.poll(() => me.reached("mark-guard"), SOON).toBe(1);
  expect(existsSync(join(me.room.root, "answered"))).toBe(false);
});

test("release leaves the program alone, and its letters wait with their reason", async () => {
  await started();
  me.type("-l", "draft");
  await expect.poll(() => me.screen(), SOON).toContain("❯\u00a0draft");
  const id = await send("mark-release");
  await held(id, "human_draft");
  await expect
    .poll(async () => (await me.room.ov(["release", "bo"])).stdout, SOON)
    .toContain("bo released; its program goes on; 1 letters wait");
  expect(await receipt(id)).toMatchObject({ state: "queued", reason: "not_running" });
  expect(me.tmux("display-message", "-p", "-t", "%0", "[#{@ov_session}]").trim()).toBe("[]");
  expect(readdirSync(join(me.room.root, ".overture", "adopted"))).toEqual([]);
  expect(me.screen()).toContain("❯\u00a0draft");
  me.type("C-u");
  expect(await adopt()).toMatchObject({ code: 0 });
  await offered(id);
  expect(me.reached("mark-release")).toBe(1);
});

test("stop refuses an adopted agent and names release; stop --all leaves it", async () => {
  await started();
  const stop = await me.room.ov(["stop", "bo"]);
  expect(stop).toMatchObject({ code: 1 });
  expect(stop.stderr).toContain("ov release bo");
  await me.room.ov(["stop", "--all"]);
  expect(await me.room.state("bo")).toBe("idle");
});

test("a program that ends is exited, and what starts after it in its pane gets nothing", async () => {
  await started();
  me.type("-l", "EXIT 3");
  await expect.poll(() => me.screen(), SOON).toContain("❯\u00a0EXIT 3");
  me.type("Enter");
  await expect.poll(() => me.room.state("bo"), SOON).toBe("exited");
  const id = await send("mark-exited");
  await held(id, "not_running");
  await start();
  await me.room.ov(["deliver", "--once"]);
  expect((await receipt(id)).reason).toBe("not_running");
  expect(me.reached("mark-exited")).toBe(0);
});

test("another process of the same number does not count as the agent", async () => {
  await started();
  writeFileSync(join(me.room.session("bo"), "started"), "an earlier boot 1\n");
  expect(await me.room.state("bo")).toBe("exited");
  const id = await send("mark-recycled");
  await held(id, "not_running");
});

test("sling takes the name of an adopted program that has ended, and leaves its pane", async () => {
  await started();
  me.line("EXIT 0");
  await expect.poll(() => me.room.state("bo"), SOON).toBe("exited");
  const sling = await me.room.ov(["sling", "t-1", "--name", "bo", "--prompt", "hello"]);
  expect(sling).toMatchObject({ code: 0 });
  expect(me.tmux("list-panes", "-a", "-F", "#{pane_id}[#{@ov_session}]").trim()).toBe("%0[]");
});

test("a pane that is another project's is refused, with what frees it", async () => {
  await start();
  me.tmux("set-option", "-p", "-t", "%0", "@ov_session", "session-elsewhere");
  expect((await adopt()).stderr).toContain("tmux set-option -p -u");
  expect(await me.room.state("bo")).toBe("none");
});

test("a pane of a new server with the same id gets nothing", async () => {
  await started();
  me.tmux("kill-server");
  await expect.poll(() => me.room.state("bo"), SOON).toBe("dead");
  me.serve();
  await start();
  const id = await send("mark-reused");
  await me.room.ov(["deliver", "--once"]);
  expect((await receipt(id)).state).toBe("queued");
  expect(me.reached("mark-reused")).toBe(0);
  expect(readdirSync(join(me.room.root, ".overture", "adopted"))).toEqual([]);
});

test("a shell, its caller, an agent's pane, a used name and a missing pane are refused in words", async () => {
  const shell = await adopt();
  expect(shell.stderr).toContain("no agent that is known: bash --norc");
  expect(shell.stderr).toContain("claude");
  me.line(`${join(process.cwd(), "bin/ov")} adopt --name bo`);
  await expect.poll(() => me.screen(), SOON).toContain("there is nothing to adopt");
  await start();
  expect((await adopt("--runtime", "clade")).stderr).toContain('did you mean "claude"');
  expect((await adopt("--runtime", "claude")).stderr).toContain("is not claude");
  expect(await adopt()).toMatchObject({ code: 0 });
  const again = ["adopt", "%0", "--socket", "person", "--name", "al"];
  expect((await me.room.ov(again)).stderr).toContain("pane %0 is bo's already");
  expect((await adopt()).stderr).toContain("ov release bo");
  const missing = ["adopt", "%77", "--socket", "person", "--name", "al"];
  expect(await me.room.ov(missing)).toMatchObject({ code: 3 });
  const bad = await me.room.ov(["adopt", "me:0", "--socket", "person", "--name", "al"]);
  expect(bad).toMatchObject({ code: 64 });
});
