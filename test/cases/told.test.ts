import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { TeamRoom } from "../team-room.ts";

const room = new TeamRoom();
const tools = join(room.base, "tools");
const notices = join(room.base, "notices");
mkdirSync(tools);
writeFileSync(join(tools, "notify-send"), `#!/bin/sh\nprintf '%s\\n' "$@" >>'${notices}'\n`);
chmodSync(join(tools, "notify-send"), 0o755);
room.env.PATH = `${tools}:${room.env.PATH}`;
room.env.DISPLAY = ":77";
afterAll(async () => {
  await room.endServer("person");
  await room.close();
});

/** A terminal of a person's, which is attached to bo and stands in the background there. */
const person = (...args: string[]) =>
  execFileSync("tmux", ["-L", "person", ...args], { env: room.env, encoding: "utf8" });
/** The person types a turn that ends at a dialog. */
const ask = (command: string) => {
  person("send-keys", "-t", ":bo", "-l", `ASK: ${command}`);
  person("send-keys", "-t", ":bo", "Enter");
};
const bells = () => person("list-windows", "-F", "#{window_name} #{window_bell_flag}");
const sizeOf = () =>
  room.tmux("display-message", "-p", "-t", "=bo:", "#{pane_width}x#{pane_height}");

function carrier() {
  const child = room.start(["watch"]);
  const said = { stderr: "" };
  child.stderr.setEncoding("utf8").on("data", (text) => {
    said.stderr += text;
  });
  const ended = new Promise<number | null>((done) => child.once("close", done));
  const end = () => {
    child.kill("SIGTERM");
    return ended;
  };
  return { said, end };
}

const seconds = { timeout: 30_000 };

test("the person at a terminal is told who waits, what is asked and what to type", async () => {
  await room.json("sling", "t-1", "--name", "bo", "--prompt", "hello");
  await room.becomes("bo", "idle");
  const attach = `exec tmux -L ov attach-session -t =bo`;
  person("new-session", "-d", "-x", "120", "-y", "30", "-n", "bo", `TMUX= ${attach}`);
  person("new-window", "-n", "other", "sleep 600");
  const screen = () => person("capture-pane", "-p", "-t", ":bo");
  await expect.poll(screen, seconds).toContain("the agent goes on");
  const size = sizeOf();
  expect(bells()).toContain("bo 0");

  const { said, end } = carrier();
  ask("touch made");
  await room.becomes("bo", "waiting");
  await expect
    .poll(() => said.stderr, seconds)
    .toMatch(/\u0007ov: bo waits for you: .+\n {4}ov answer bo\n/);
  await expect.poll(screen, seconds).toContain("1 waits for you: bo");
  await expect.poll(bells, seconds).toContain("bo 1");
  await expect.poll(() => existsSync(notices), seconds).toBe(true);
  expect(readFileSync(notices, "utf8")).toMatch(/bo waits for you: .+\nov answer bo\n/);
  // Told once, however often it is looked at.
  expect(said.stderr.match(/waits for you/g)).toHaveLength(1);
  expect(sizeOf()).toBe(size);

  // Where no carrier runs, nothing is shown that nobody keeps true.
  expect(await end()).toBe(0);
  await expect.poll(screen, seconds).not.toContain("waits for you");
  expect(sizeOf()).toBe(size);
}, 120_000);

test("who was answered waits no more, and tell: false switches it off", async () => {
  const next = carrier();
  const screen = () => person("capture-pane", "-p", "-t", ":bo");
  await expect.poll(screen, seconds).toContain("1 waits for you: bo");
  // It was told of before.
  expect(next.said.stderr).not.toContain("waits for you");
  expect((await room.ov(["answer", "bo", "No"])).code).toBe(0);
  await expect.poll(screen, seconds).not.toContain("waits for you");
  await next.end();

  room.configure("tell: false\n");
  const quiet = carrier();
  ask("touch two");
  await room.becomes("bo", "waiting");
  const told = async () =>
    (await room.json("feed", "--kind", "agent.waiting", "--limit", "9")).events;
  await expect.poll(async () => (await told()).length, seconds).toBe(2);
  expect(quiet.said.stderr).not.toContain("waits for you");
  expect(screen()).not.toContain("waits for you");
  await quiet.end();
}, 120_000);
