import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { OV } from "../team-room.ts";
import { Person } from "./person.ts";

const SOON = { timeout: 90_000, interval: 80 };
let me: Person;

/** The person's own program has our hooks, as `ov hooks install` makes them, and no word of bo. */
beforeEach(async () => {
  me = new Person();
  const { path } = await me.room.json("hooks", "install", "--runtime", "scripted");
  me.line(me.agent(path));
  await expect.poll(() => me.screen(), SOON).toContain("❯\u00a0");
});
afterEach(() => me.close());

const adopt = () => me.room.json("adopt", "%0", "--socket", "person", "--name", "bo");
const state = (wanted: string) => expect.poll(() => me.room.state("bo"), SOON).toBe(wanted);
const send = async (to: string, body: string): Promise<string> => {
  const args = ["mail", "send", "--to", to, "--from", "lead", "--subject", "News", "--wake"];
  return (await me.room.json(...args, "--body", body)).id;
};
const seen = (id: string, name = "bo") =>
  expect.poll(async () => (await me.room.receipt(id, name)).state, SOON).toBe("seen");
async function prompt(text: string): Promise<void> {
  me.type("-l", text);
  await expect.poll(() => me.screen(), SOON).toContain(`❯\u00a0${text}`);
  me.type("Enter");
}
const mark = () => {
  const path = join(me.room.root, ".overture", "hooks", "bo");
  return existsSync(path) ? readFileSync(path, "utf8").trim() : "";
};

test("from the first hook on letters are injected, and proved by the transcript it names", async () => {
  const { missing, sessionId } = await adopt();
  expect(missing.join()).toContain("letters are injected from its next prompt on");
  await prompt("hello");
  await expect.poll(mark, SOON).toBe(`Stop ${sessionId}`);
  await state("idle");
  const id = await send("bo", "mark-injected");
  await seen(id);
  expect(await me.room.receipt(id, "bo")).toMatchObject({
    door: "hook:UserPromptSubmit",
    proof: "transcript",
  });
  expect(me.reached("mark-injected")).toBe(1);
  expect(me.reached("[ov type-")).toBe(0);
});

test("a letter that is typed before any hook was seen is not injected beside it", async () => {
  await adopt();
  await state("idle");
  const id = await send("bo", "mark-both");
  await expect.poll(() => me.reached("mark-both"), SOON).toBe(1);
  await state("idle");
  expect((await me.room.receipt(id, "bo")).door).toBe("type");
  const next = await send("bo", "mark-next");
  await seen(next);
  expect([me.reached("mark-both"), me.reached("mark-next")]).toEqual([1, 1]);
});

test("a busy one gets its letter at its next tool", async () => {
  await adopt();
  await prompt("hello");
  await state("idle");
  await prompt("RUN: sleep 2");
  await state("busy");
  const id = await send("bo", "mark-tool");
  await seen(id);
  expect((await me.room.receipt(id, "bo")).door).toMatch(/^hook:(PostToolUse|Stop)$/);
});

test("after release its hooks speak for the person again", async () => {
  const { sessionId } = await adopt();
  await prompt("hello");
  await expect.poll(mark, SOON).toBe(`Stop ${sessionId}`);
  await expect.poll(async () => (await me.room.ov(["release", "bo"])).code, SOON).toBe(0);
  const id = await send("bo", "mark-released");
  const own = await send("orchestrator", "mark-own");
  await prompt("again");
  await seen(own, "orchestrator");
  expect((await me.room.receipt(id, "bo")).state).toBe("queued");
  expect(mark()).toBe(`Stop ${sessionId}`);
  expect([me.reached("mark-own"), me.reached("mark-released")]).toEqual([1, 0]);
});

test("a hook in the pane of a program that has ended is the person's", async () => {
  const { sessionId } = await adopt();
  await prompt("hello");
  await expect.poll(mark, SOON).toBe(`Stop ${sessionId}`);
  await state("idle");
  await prompt("/exit");
  await state("exited");
  const env = { PATH: "/nowhere", OV_ROOT: me.room.root, ...me.inPane() };
  const words = ["mail", "check", "--inject", "--event", "PostToolUse"];
  expect(spawnSync("/bin/sh", [OV, ...words], { env }).status).toBe(0);
  expect(mark()).toBe(`Stop ${sessionId}`);
});

test("without mail a hook of an adopted program starts no Node, and leaves its mark", async () => {
  const { sessionId } = await adopt();
  const env = { PATH: "/nowhere", OV_ROOT: me.room.root, ...me.inPane() };
  const words = ["mail", "check", "--inject", "--event", "PostToolUse"];
  const hook = (more: object) => spawnSync("/bin/sh", [OV, ...words], { env: { ...env, ...more } });
  expect(hook({}).status).toBe(0);
  expect(mark()).toBe(`PostToolUse ${sessionId}`);
  const other = me.inPane().TMUX.replace(/,\d+,/, ",1,");
  for (const more of [{ TMUX: other }, { TMUX_PANE: "%1" }, { TMUX_PANE: "%../../x" }]) {
    expect(hook({ ...more }).status).toBe(0);
  }
  expect(hook({ OV_AGENT: "al", OV_SESSION: "s" }).status).toBe(0);
  expect(mark()).toBe(`PostToolUse ${sessionId}`);
  const orchestrator = readFileSync(join(me.room.root, ".overture/hooks/orchestrator"), "utf8");
  expect(orchestrator.trim()).toBe("PostToolUse");
});
