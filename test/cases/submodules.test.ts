import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openRepo } from "../../src/adapters/git.ts";
import type { Variables } from "../../src/domain/environment.ts";
import { NO_SET_UP } from "../../src/domain/set-up.ts";
import type { Repo } from "../../src/ports/repo.ts";
import { type GitRoom, gitRoom } from "../git-room.ts";
import { TeamRoom } from "../team-room.ts";

const HERE = { env: process.env as Variables, limitMs: 60_000 };

interface Place {
  root: string;
  base: string;
}
let room: GitRoom;
let repo: Repo;
let place: Place;
const inRoom = (...names: string[]) => join(place.base, ...names);
const tree = (...names: string[]) => join(place.root, ".overture/worktrees/bo", ...names);
const git = (dir: string, ...args: string[]) => {
  const name = ["-c", "user.name=P", "-c", "user.email=p@example.org"];
  const all = ["-c", "protocol.file.allow=always", ...name, ...args];
  return execFileSync("git", all, { cwd: dir, encoding: "utf8", stdio: "pipe" }).trim();
};

/** A repository beside the project, with one file. */
function makeLibrary(name: string): void {
  git(place.base, "init", "-q", "-b", "main", name);
  writeFileSync(inRoom(name, `${name}.txt`), "one\n");
  git(inRoom(name), "add", "-A");
  git(inRoom(name), "commit", "-qm", `${name} 1`);
}

function commitIn(dir: string, file: string, text: string): string {
  writeFileSync(join(dir, file), text);
  git(dir, "add", "-A");
  git(dir, "commit", "-qm", `change ${file}`);
  return git(dir, "rev-parse", "HEAD");
}

/** The agent's work: a commit in the submodule, and one that points to it. */
function work(): string {
  const commit = commitIn(tree("lib"), "lib.txt", "two\n");
  commitIn(tree(), "own.txt", "x\n");
  return commit;
}

/** Gives a project a submodule with one of its own inside. */
function furnish(where: Place): void {
  place = where;
  makeLibrary("inner");
  makeLibrary("lib");
  git(inRoom("lib"), "submodule", "--quiet", "add", inRoom("inner"), "deep/inner");
  git(inRoom("lib"), "commit", "-qm", "with inner");
  git(place.root, "submodule", "--quiet", "add", inRoom("lib"), "lib");
  git(place.root, "submodule", "--quiet", "update", "--init", "--recursive");
  git(place.root, "add", "-A");
  git(place.root, "commit", "-qm", "with lib");
}

async function start() {
  await repo.addWorktree(tree(), "ov/bo/t-1", "main");
  return repo.setUp(tree(), NO_SET_UP);
}

beforeEach(() => {
  room = gitRoom();
  mkdirSync(join(room.root, ".overture/worktrees"), { recursive: true });
  repo = openRepo(room.root);
  room.commit({ "a.txt": "one\n" });
  furnish(room);
});
afterEach(() => room.remove());

test("a submodule, and one inside it, are in the agent's worktree without its origin", async () => {
  rmSync(inRoom("lib"), { recursive: true });
  rmSync(inRoom("inner"), { recursive: true });
  expect(await start()).toEqual({ missing: [] });
  expect(readFileSync(tree("lib/lib.txt"), "utf8")).toBe("one\n");
  expect(readFileSync(tree("lib/deep/inner/inner.txt"), "utf8")).toBe("one\n");
  expect(git(tree(), "status", "--porcelain")).toBe("");
  // A push of the agent goes where one of the person goes.
  expect(git(tree("lib"), "remote", "get-url", "origin")).toBe(inRoom("lib"));
});

test("one that your checkout does not have is named", async () => {
  git(room.root, "submodule", "--quiet", "deinit", "-f", "lib");
  rmSync(join(room.root, ".git/modules/lib"), { recursive: true });
  const { missing } = await start();
  expect(missing).toEqual([expect.stringContaining("git submodule update --init lib")]);
});

test("a gate has the submodule as the agent has committed it", async () => {
  await start();
  work();
  const seen = await repo.scratch("main", async (dir) => {
    await repo.mergeInto(dir, "ov/bo/t-1", "merge");
    await repo.setUp(dir, NO_SET_UP);
    return (await repo.runGate(dir, "cat lib/lib.txt lib/deep/inner/inner.txt", HERE)).output;
  });
  expect(seen).toBe("two\none");
});

test("a worktree with submodules is removed once nothing in it is lost", async () => {
  await start();
  await repo.removeWorktree(tree());
  expect(existsSync(tree())).toBe(false);
});

test("changes in a submodule keep the worktree", async () => {
  await start();
  writeFileSync(tree("lib/lib.txt"), "draft\n");
  await expect(repo.removeWorktree(tree())).rejects.toThrow("lib");
});

test("commits that no pointer and no branch names outlive a worktree that goes by force", async () => {
  await start();
  const inner = commitIn(tree("lib/deep/inner"), "inner.txt", "two\n");
  const left = commitIn(tree("lib"), "lib.txt", "two\n");
  git(tree("lib"), "checkout", "-q", "--detach", "HEAD~1");
  await repo.removeWorktree(tree(), true);
  expect(existsSync(tree())).toBe(false);
  const kept = (dir: string, commit: string) =>
    git(join(room.root, dir), "for-each-ref", "--contains", commit, "refs/overture");
  expect(kept("lib", left)).not.toBe("");
  expect(kept("lib/deep/inner", inner)).not.toBe("");
});

test("commits of a submodule that your checkout lacks keep the worktree, also by force", async () => {
  await start();
  git(tree(), "submodule", "--quiet", "add", inRoom("inner"), "new");
  const commit = commitIn(tree("new"), "inner.txt", "two\n");
  commitIn(tree(), "own.txt", "x\n");
  await expect(repo.removeWorktree(tree(), true)).rejects.toThrow(commit.slice(0, 12));
  expect(existsSync(tree("new/inner.txt"))).toBe(true);
  // Once it is pushed, nothing is lost.
  git(tree("new"), "push", "-q", "origin", "HEAD:refs/heads/work");
  git(tree("new"), "fetch", "-q");
  await repo.removeWorktree(tree(), true);
});

test("a clone that the agent made a submodule of keeps the worktree too", async () => {
  await start();
  git(tree(), "clone", "-q", inRoom("inner"), "mine");
  const commit = commitIn(tree("mine"), "inner.txt", "two\n");
  git(tree(), "submodule", "--quiet", "add", inRoom("inner"), "mine");
  commitIn(tree(), "own.txt", "x\n");
  await expect(repo.removeWorktree(tree(), true)).rejects.toThrow(commit.slice(0, 12));
});

test("a worktree with submodules moves to another agent", async () => {
  await start();
  const commit = work();
  const moved = join(room.root, ".overture/worktrees/cy");
  await repo.moveWorktree(tree(), moved);
  expect(git(join(moved, "lib"), "rev-parse", "HEAD")).toBe(commit);
  expect(git(moved, "submodule", "status", "--recursive")).toContain("deep/inner");
  expect(git(moved, "status", "--porcelain")).toBe("");
});

test("work in a submodule is merged through a gate, cleaned up, and there to be updated to", async () => {
  const team = new TeamRoom();
  try {
    furnish(team);
    team.configure("merge:\n  gates:\n    - grep two lib/lib.txt\n");
    await team.json("sling", "t-1", "--name", "bo", "--prompt", "hello");
    const commit = work();
    expect(await team.json("merge", "--all")).toMatchObject({ outcomes: [{ status: "merged" }] });
    const { cleaned } = await team.json("stop", "bo", "--clean-worktree");
    expect(cleaned).toMatchObject([{ agent: "bo", removed: true, branchDeleted: true }]);
    rmSync(inRoom("lib"), { recursive: true });
    git(team.root, "submodule", "--quiet", "update");
    expect(git(join(team.root, "lib"), "rev-parse", "HEAD")).toBe(commit);
  } finally {
    await team.close();
  }
});
