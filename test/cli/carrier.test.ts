import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { OV, TeamRoom } from "../team-room.ts";

const SOON = { timeout: 90_000, interval: 50 };
const room = new TeamRoom();
const news = join(room.base, "news");
const ov = (...args: string[]) => room.ov(args);

beforeAll(async () => {
  writeFileSync(join(room.base, "tell.sh"), `cat >>"${news}"\n`);
  room.configure(`notify: [sh, "${join(room.base, "tell.sh")}"]\n`);
  await ov("sling", "t-1", "--name", "bo", "--prompt", "begin");
  await vi.waitFor(async () => expect(await room.state("bo")).toBe("idle"), SOON);
});
afterAll(async () => {
  await ov("down");
  await room.close();
});

test("up starts one carrier, and up again finds it", async () => {
  const first = await room.json("up");
  expect(first.started).toBe(true);
  expect(await room.json("up")).toMatchObject({ started: false, pid: first.pid });
  expect(room.dispatcher()?.pid).toBe(first.pid);
});

test("a second carrier is refused with the first one's process", async () => {
  const { pid } = await room.json("up");
  const { code, stderr } = await ov("watch");
  expect([code, stderr]).toEqual([1, expect.stringContaining(`process ${pid} carries already`)]);
});

test("a letter is delivered by the carrier, and no other dispatcher starts", async () => {
  const { pid } = await room.json("up");
  const letter = ["mail", "send", "--to", "bo", "--subject", "s", "--body", "by-carrier", "--wake"];
  const { id } = await room.json(...letter);
  await expect.poll(async () => (await room.receipt(id, "bo")).state, SOON).toBe("seen");
  expect(room.dispatcher()?.pid).toBe(pid);
  expect(room.reached("bo", "by-carrier")).toBe(1);
});

test("a person is told once that an agent waits, by their own program", async () => {
  room.tmux("send-keys", "-t", "=bo:", "-l", "ASK: true");
  await expect.poll(() => room.screen("bo"), SOON).toContain("ASK: true");
  room.tmux("send-keys", "-t", "=bo:", "Enter");
  const told = () =>
    existsSync(news) ? readFileSync(news, "utf8").split("\n").filter(Boolean) : [];
  await expect.poll(told, SOON).toHaveLength(1);
  expect(JSON.parse(told()[0]!)).toMatchObject({
    kind: "waiting",
    agent: "bo",
    project: room.root,
  });
  expect((await room.ov(["answer", "bo", "No"])).code).toBe(0);
  await expect.poll(() => room.state("bo"), SOON).toBe("idle");
  expect(told()).toHaveLength(1);
});

test("down ends it, and a letter is delivered all the same", async () => {
  expect(await room.json("down")).toMatchObject({ wasRunning: true });
  expect(await room.json("down")).toMatchObject({ wasRunning: false });
  const letter = ["mail", "send", "--to", "bo", "--subject", "s", "--body", "after-down", "--wake"];
  const { id } = await room.json(...letter);
  await expect.poll(async () => (await room.receipt(id, "bo")).state, SOON).toBe("seen");
});

test("a look at the whole team is one call of tmux, however many there are", async () => {
  await ov("down");
  await room.json("sling", "t-2", "--name", "cy", "--prompt", "begin");
  await room.json("sling", "t-3", "--name", "di", "--prompt", "begin");
  for (const agent of ["bo", "cy", "di"]) await room.becomes(agent, "idle");
  await expect.poll(() => room.dispatcher(), SOON).toBe(undefined);
  const calls = join(room.base, "calls");
  const tmux = execFileSync("sh", ["-c", "command -v tmux"], { encoding: "utf8" }).trim();
  const folder = join(room.base, "counting");
  mkdirSync(folder);
  // Slow enough to be told to end while it looks.
  const script = `#!/bin/sh\necho "$*" >>"${calls}"\nsleep 1\nexec "${tmux}" "$@"\n`;
  writeFileSync(join(folder, "tmux"), script, { mode: 0o755 });
  const env = { ...room.env, PATH: `${folder}:${room.env.PATH}` };
  const carrier = spawn(OV, ["watch"], { cwd: room.root, env, stdio: "ignore" });
  const over = new Promise((done) => carrier.on("exit", done));
  await expect.poll(() => existsSync(calls), SOON).toBe(true);
  carrier.kill("SIGTERM");
  // It ends what it has begun, one look, and itself.
  await over;
  expect(readFileSync(calls, "utf8").trim().split("\n")).toHaveLength(1);
});
