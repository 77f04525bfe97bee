import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { OV, TeamRoom } from "../team-room.ts";

let room: TeamRoom;
beforeEach(() => {
  room = new TeamRoom();
});
afterEach(() => room.close());

const tree = (agent = "bo") => join(room.root, ".overture/worktrees", agent);
const commit = (dir: string, message: string) =>
  execFileSync("git", ["commit", "-q", "--allow-empty", "-m", message], {
    cwd: dir,
    env: room.env,
  });

test("work on a branch of another name is named by merge, status and worktree list", async () => {
  await room.json("sling", "t-1", "--name", "bo", "--prompt", "hello");
  room.git("-C", tree(), "switch", "-q", "-c", "feature/login");
  commit(tree(), "work");
  const command = "ov merge --branch feature/login";
  const { stdout } = await room.ov(["merge", "--all"]);
  expect(stdout).toContain(
    `bo works on feature/login, not on its own: main lacks 1 commit. ${command}`,
  );
  expect((await room.ov(["status"])).stdout).toContain(command);
  expect((await room.ov(["worktree", "list"])).stdout).toContain(command);
  await room.json("merge", "--branch", "feature/login");
  expect((await room.json("merge", "--all")).elsewhere).toEqual([]);
  room.git("-C", tree(), "switch", "-q", "--detach");
  commit(tree(), "more");
  expect((await room.ov(["merge", "--all"])).stdout).toContain("bo works on no branch");
});

test("two projects in one repository do not offer each other's branches or worktrees", async () => {
  const other = join(room.base, "other");
  room.git("worktree", "add", "-q", "-b", "other", other);
  const ov = (...args: string[]) => {
    const options = { cwd: other, env: room.env, encoding: "utf8" as const };
    return JSON.parse(spawnSync(OV, [...args, "--json"], options).stdout);
  };
  ov("init", "--name", "other");
  await room.json("sling", "t-1", "--name", "bo", "--prompt", "hello");
  await room.json("stop", "bo");
  ov("sling", "t-2", "--name", "bo", "--prompt", "hello", "--runtime", "scripted");
  ov("stop", "bo");
  commit(tree(), "work");
  commit(join(other, ".overture/worktrees/bo"), "other work");
  const branches = (outcomes: { branch: string }[]) => outcomes.map(({ branch }) => branch);
  expect(branches((await room.json("merge", "--all", "--dry-run")).outcomes)).toEqual([
    "ov/bo/t-1",
  ]);
  expect(branches(ov("merge", "--all", "--dry-run").outcomes)).toEqual(["ov/bo/t-2"]);
  expect((await room.json("worktree", "list")).worktrees).toMatchObject([{ branch: "ov/bo/t-1" }]);
  const { findings } = JSON.parse(
    (await room.ov(["doctor", "--category", "orphans", "--json"])).stdout,
  );
  expect(JSON.stringify(findings)).not.toContain("ov/bo/t-2");
});
