import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TeamRoom } from "../team-room.ts";

const SOON = { timeout: 90_000, interval: 80 };
let room: TeamRoom;

beforeEach(() => {
  room = new TeamRoom();
});
afterEach(() => room.close());

const sling = (name: string, ...more: string[]) =>
  room.ov(["sling", "t-1", "--name", name, "--prompt", "hello", ...more]);

test("sling gives a worktree, a branch of its own, a pane and the first prompt", async () => {
  const answer = await room.json("sling", "t-1", "--name", "bo", "--prompt", "do the thing");
  expect(answer).toMatchObject({ agentName: "bo", taskId: "t-1", branch: "ov/bo/t-1" });
  expect(room.git("-C", answer.worktree, "branch", "--show-current").trim()).toBe("ov/bo/t-1");
  await expect.poll(() => room.state("bo"), SOON).toBe("idle");
  expect(room.reached("bo", "do the thing")).toBe(1);
});

test("the person's checkout has no trace of an agent", async () => {
  await sling("bo");
  expect(room.git("status", "--porcelain", "--ignored=no")).toBe("");
  expect(room.git("branch", "--show-current").trim()).toBe("main");
});

test("an agent finds its identity, and ov on its path", async () => {
  await room.ov([
    "sling",
    "t-1",
    "--name",
    "bo",
    "--prompt",
    "RUN: env > seen-env; command -v ov >> seen-env",
  ]);
  const path = join(room.root, ".overture/worktrees/bo/seen-env");
  await expect
    .poll(() => existsSync(path) && readFileSync(path, "utf8"), SOON)
    .toContain("/bin/ov");
  const text = readFileSync(path, "utf8");
  for (const name of [
    "OV_AGENT=bo",
    "OVERSTORY_AGENT_NAME=bo",
    "OV_TASK=t-1",
    `OV_ROOT=${room.root}`,
  ]) {
    expect(text).toContain(`${name}\n`);
  }
  expect(text).not.toMatch(/^TMUX=/m);
});

test("eight slings of one name at once start one agent", async () => {
  const results = await Promise.all(Array.from({ length: 8 }, () => sling("bo")));
  expect(results.filter(({ code }) => code === 0)).toHaveLength(1);
  expect(room.tmux("list-panes", "-a", "-F", "#{session_name}").trim()).toBe("bo");
});

test("a running agent is not started again; the error says what to type", async () => {
  await sling("bo");
  const { code, stderr } = await sling("bo");
  expect(code).toBe(1);
  expect(stderr).toMatch(/bo already runs/);
  expect(stderr).toContain("ov stop bo");
});

test("stop ends the program and its pane, and keeps worktree and mail", async () => {
  await sling("bo");
  await expect.poll(() => room.state("bo"), SOON).toBe("idle");
  const pid = Number(readFileSync(join(room.session("bo"), "pid"), "utf8"));
  const { id } = await room.json("mail", "send", "--to", "bo", "--subject", "s", "--body", "b");
  expect((await room.ov(["stop", "bo"])).code).toBe(0);
  expect(() => process.kill(pid, 0)).toThrow();
  expect(await room.state("bo")).toBe("stopped");
  expect(existsSync(join(room.root, ".overture/worktrees/bo"))).toBe(true);
  expect((await room.receipt(id, "bo")).state).toBe("queued");
});

test("a pane that goes while another ov ends its agent is left to that one, which says why", async () => {
  await sling("bo");
  const db = new Database(join(room.root, ".overture", "overture.db"));
  const ended = () => db.prepare("SELECT end_reason FROM sessions").pluck().get();
  const until = Date.now() + 60_000;
  db.prepare("INSERT INTO leases VALUES ('spawn:bo', ?, ?)").run(`${process.pid}:test`, until);
  room.tmux("kill-pane", "-t", "=bo:");
  await expect.poll(() => room.state("bo"), SOON).toBe("dead");
  expect(ended()).toBe(null);
  db.prepare("DELETE FROM leases").run();
  expect(await room.state("bo")).toBe("dead");
  await room.ov(["doctor", "--fix"]);
  expect(await room.state("bo")).toBe("stopped");
  expect(ended()).toBe("its tmux server is gone");
  db.close();
});

test("a worktree from before needs --recover, which goes on in it", async () => {
  await sling("bo");
  await room.ov(["stop", "bo"]);
  const refused = await sling("bo");
  expect(refused.stderr).toContain("--recover");
  expect((await sling("bo", "--recover")).code).toBe(0);
});

test("worktree clean keeps work that is nowhere else and says what it is", async () => {
  await room.ov(["sling", "t-1", "--name", "bo", "--prompt", "RUN: echo x > new.txt"]);
  await expect.poll(() => room.state("bo"), SOON).toBe("idle");
  await room.ov(["stop", "bo"]);
  const { stdout } = await room.ov(["worktree", "clean"]);
  expect(stdout).toContain("kept bo: in no commit: new.txt");
  expect((await room.ov(["worktree", "clean", "bo", "--force"])).stdout).toContain("removed");
});

test("peek prints what the pane shows", async () => {
  await sling("bo");
  await expect.poll(async () => (await room.ov(["peek", "bo"])).stdout, SOON).toContain("ECHO: ");
});

test("a path with spaces and quotes works from sling to a read letter", async () => {
  const odd = new TeamRoom({ folder: "it's a project" });
  try {
    await odd.ov(["sling", "t-1", "--name", "bo", "--prompt", "hello"]);
    await expect.poll(() => odd.state("bo"), SOON).toBe("idle");
    const args = [
      "mail",
      "send",
      "--to",
      "bo",
      "--subject",
      "s",
      "--body",
      "mark",
      "--wait",
      "seen",
    ];
    expect(await odd.ov(args)).toMatchObject({ code: 0 });
    expect(odd.reached("bo", "mark")).toBe(1);
  } finally {
    await odd.close();
  }
});
