import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { OV, TeamRoom } from "../team-room.ts";

let room: TeamRoom;
beforeEach(async () => {
  room = new TeamRoom();
  await room.json("sling", "t-1", "--name", "bo", "--prompt", "hello");
  await room.becomes("bo", "idle");
  execFileSync("git", ["commit", "-q", "--allow-empty", "-m", "work"], {
    cwd: at(),
    env: room.env,
  });
  await room.json("stop", "bo");
});
afterEach(() => room.close());

const at = (root = room.root) => join(root, ".overture/worktrees/bo");
const elsewhere = () => join(room.base, "elsewhere");
const ov = (cwd: string, ...args: string[]) => {
  const options = { cwd, env: room.env, encoding: "utf8" as const };
  return JSON.parse(spawnSync(OV, [...args, "--json"], options).stdout);
};

test("an agent that runs while its project is moved is unknown, and ends when it is stopped", async () => {
  await room.json("resume", "bo");
  await room.becomes("bo", "idle");
  const pid = Number(readFileSync(join(room.session("bo", 2), "pid"), "utf8"));
  renameSync(room.root, elsewhere());
  try {
    const row = () =>
      ov(elsewhere(), "status").agents.find((one: { name: string }) => one.name === "bo");
    expect(row()).toMatchObject({
      state: "unknown",
      detail: expect.stringMatching(/its folder is gone.*ov stop bo, ov resume bo/),
    });
    const { findings } = ov(elsewhere(), "doctor", "--category", "orphans");
    expect(findings[0]).toMatchObject({ id: "sessions-unreached", level: "fail" });
    expect(ov(elsewhere(), "stop", "bo")).toMatchObject({ success: true });
    expect(spawnSync("kill", ["-0", String(pid)]).status).toBe(1);
    expect(ov(elsewhere(), "resume", "bo")).toMatchObject({ success: true });
    ov(elsewhere(), "stop", "bo");
  } finally {
    renameSync(elsewhere(), room.root);
  }
});

test("an agent whose session's folder was deleted is unknown, and ends when it is stopped", async () => {
  await room.json("resume", "bo");
  await room.becomes("bo", "idle");
  rmSync(room.session("bo", 2), { recursive: true });
  expect(await room.state("bo")).toBe("unknown");
  await room.json("stop", "bo");
  expect(await room.state("bo")).toBe("stopped");
});

test("a moved project is repaired by resume, with its worktree and its sessions", async () => {
  renameSync(room.root, elsewhere());
  try {
    expect(ov(elsewhere(), "resume", "bo")).toMatchObject({ success: true });
    expect(ov(elsewhere(), "worktree", "list").worktrees).toMatchObject([
      { agent: "bo", path: at(elsewhere()), unmerged: [expect.stringContaining("work")] },
    ]);
    ov(elsewhere(), "stop", "bo");
  } finally {
    renameSync(elsewhere(), room.root);
  }
});

test("doctor --fix repairs it and forgets nothing, and a copy takes nothing away", async () => {
  const copy = join(room.base, "copy");
  cpSync(room.root, copy, { recursive: true, verbatimSymlinks: true });
  ov(copy, "doctor", "--category", "orphans", "--fix");
  expect(room.git("worktree", "list")).toContain(at());
  renameSync(room.root, elsewhere());
  try {
    const { done } = ov(elsewhere(), "doctor", "--category", "orphans", "--fix");
    expect(done.join()).toContain("repaired the worktree of bo");
    expect(existsSync(at(elsewhere()))).toBe(true);
    expect(ov(elsewhere(), "doctor", "--category", "orphans").findings).toEqual([]);
  } finally {
    renameSync(elsewhere(), room.root);
  }
});
