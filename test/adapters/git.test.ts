import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openRepo } from "../../src/adapters/git.ts";
import type { Variables } from "../../src/domain/environment.ts";
import type { Repo } from "../../src/ports/repo.ts";
import { type GitRoom, gitRoom, scratches } from "../git-room.ts";

let room: GitRoom;
let repo: Repo;

beforeEach(() => {
  room = gitRoom("my project – ünï");
  room.commit({ "a.txt": "one\n", "b.txt": "one\n" }, "first");
  repo = openRepo(room.root);
});

afterEach(() => {
  vi.unstubAllEnvs();
  room.remove();
});

const tip = (branch: string) => room.git("rev-parse", `refs/heads/${branch}`).trim();

function merge(branch: string) {
  return repo.scratch(tip("main"), (dir) => repo.mergeInto(dir, branch, `Merge ${branch}`));
}

describe("a merge in scratch", () => {
  it("makes a merge commit of the person and moves no ref", async () => {
    room.branch("ov/alice/t-1", { "a.txt": "two\n" });
    const refs = room.git("for-each-ref");
    const done = await merge("ov/alice/t-1");
    expect(done).toMatchObject({ kind: "merged", filesChanged: ["a.txt"], conflictFiles: [] });
    expect(room.git("log", "-1", "--format=%P %an %s", done.commit).trim()).toBe(
      `${tip("main")} ${tip("ov/alice/t-1")} Person Merge ov/alice/t-1`,
    );
    expect(room.git("for-each-ref")).toBe(refs);
    expect(scratches(room)).toEqual([]);
  });

  it("is up to date for a branch without new commits", async () => {
    room.git("branch", "ov/alice/t-1");
    expect(await merge("ov/alice/t-1")).toMatchObject({ kind: "up_to_date", commit: tip("main") });
  });

  it("is committed by Overture where git knows no name", async () => {
    vi.stubEnv("GIT_CONFIG_GLOBAL", "/dev/null");
    vi.stubEnv("GIT_CONFIG_SYSTEM", "/dev/null");
    room.branch("ov/alice/t-1", { "a.txt": "two\n" });
    room.git("config", "--unset", "user.name");
    const { commit } = await merge("ov/alice/t-1");
    const author = room.git("log", "-1", "--format=%an <%ae>", commit).trim();
    expect(author).toBe("Overture <overture@localhost>");
  });

  it("runs no hook and asks for no signature", async () => {
    room.branch("ov/alice/t-1", { "a.txt": "two\n" });
    const mark = join(room.base, "hook-ran");
    mkdirSync(join(room.root, ".git/hooks"), { recursive: true });
    for (const hook of ["pre-merge-commit", "commit-msg", "post-checkout", "post-merge"]) {
      const script = `#!/bin/sh\ntouch '${mark}'\nexit 1\n`;
      writeFileSync(join(room.root, ".git/hooks", hook), script, { mode: 0o755 });
    }
    room.git("config", "commit.gpgSign", "true");
    room.git("config", "gpg.program", "/bin/false");
    const from = tip("main");
    const { commit } = await merge("ov/alice/t-1");
    await repo.advance("main", from, commit);
    expect(existsSync(mark)).toBe(false);
  });

  it("stays in its repository when a hook of another one called", async () => {
    room.branch("ov/alice/t-1", { "a.txt": "two\n" });
    const main = tip("main");
    vi.stubEnv("GIT_DIR", "/nowhere");
    vi.stubEnv("GIT_INDEX_FILE", "/nowhere/index");
    const work = (dir: string) => repo.mergeInto(dir, "ov/alice/t-1", "m");
    expect((await repo.scratch(main, work)).kind).toBe("merged");
  });

  it("is refused in git's words for a branch without a common commit", async () => {
    room.git("checkout", "-q", "--orphan", "other");
    room.commit({ "z.txt": "z\n" });
    room.git("checkout", "-q", "main");
    await expect(merge("other")).rejects.toMatchObject({
      kind: "refused",
      message: expect.stringContaining("unrelated histories"),
    });
  });
});

describe("a scratch", () => {
  it("is gone after an error, also with a folder that cannot be written", async () => {
    const broken = repo.scratch(tip("main"), async (dir) => {
      mkdirSync(join(dir, "locked"));
      writeFileSync(join(dir, "locked/file"), "");
      const { chmodSync } = await import("node:fs");
      chmodSync(join(dir, "locked"), 0o500);
      throw new Error("broken");
    });
    await expect(broken).rejects.toThrow("broken");
    expect(scratches(room)).toEqual([]);
  });

  it("of a killed process is swept by the next", async () => {
    const dead = join(room.root, ".overture/tmp/scratch-999999999-abc");
    room.git("worktree", "add", "-q", "--detach", dead);
    await repo.scratch(tip("main"), async () => undefined);
    expect(scratches(room)).toEqual([]);
  });

  it("of a running process is left alone", async () => {
    await repo.scratch(tip("main"), async (dir) => {
      await repo.scratch(tip("main"), async () => undefined);
      expect(readFileSync(join(dir, "a.txt"), "utf8")).toBe("one\n");
    });
  });
});

describe("a conflict", () => {
  const cases: [kind: string, theirs: Record<string, string | Buffer | null>, file: string][] = [
    ["of content", { "a.txt": "theirs\n" }, "a.txt"],
    ["of deletion with change", { "a.txt": null }, "a.txt"],
    ["of two added files", { "new ü.txt": "theirs\n" }, "new ü.txt"],
    ["of binary files", { "x.bin": Buffer.from([0, 1, 2, 255]) }, "x.bin"],
    ["of two renames of a file", { "b.txt": null, "theirs.txt": "one\n" }, "theirs.txt"],
  ];
  it.each(cases)("%s names the file and leaves nothing behind", async (_kind, theirs, file) => {
    room.branch("ov/alice/t-1", theirs);
    rmSync(join(room.root, "b.txt"));
    room.commit({
      "a.txt": "ours\n",
      "new ü.txt": "ours\n",
      "x.bin": Buffer.from([0, 9]),
      "ours.txt": "one\n",
    });
    const refs = room.git("for-each-ref");
    await repo.scratch(tip("main"), async (dir) => {
      const done = await repo.mergeInto(dir, "ov/alice/t-1", "m");
      expect(done).toMatchObject({ kind: "conflict", commit: tip("main") });
      expect(done.conflictFiles).toContain(file);
      expect(room.gitIn(dir, "status", "--porcelain")).toBe("");
    });
    expect(room.git("for-each-ref")).toBe(refs);
  });
});

describe("a gate", () => {
  const gate = (command: string) =>
    repo.scratch(tip("main"), (dir) =>
      repo.runGate(dir, command, { env: process.env as Variables, limitMs: 60_000 }),
    );

  it("runs in the scratch, as in CI", async () => {
    const { ok, output } = await gate('cat a.txt; echo "CI=$CI"; git rev-parse HEAD');
    expect(ok).toBe(true);
    expect(output).toBe(`one\nCI=true\n${tip("main")}`);
  });

  it("that fails is known by its exit code and the end of its output, without colours", async () => {
    const failing = "seq 1 3000; printf '\\033[31mred\\033[0m\\n' >&2; exit 3";
    const { ok, output } = await gate(failing);
    expect(ok).toBe(false);
    expect(output.endsWith("2999\n3000\nred")).toBe(true);
    expect(output.length).toBeLessThanOrEqual(4000);
  });

  it("that says nothing is reported with its exit code", async () => {
    expect(await gate("kill -9 $$")).toEqual({ ok: false, output: "exit code 137" });
  });

  it("does not wait for a program that it left in the background", async () => {
    const begin = Date.now();
    const { output } = await gate("echo before; sleep 5 & echo $!");
    process.kill(Number(output.split("\n")[1]));
    expect(Date.now() - begin).toBeLessThan(4000);
  });
});

describe("a branch name", () => {
  const bad = ["-x", "a b", "--all", "a..b", "refs/heads/main", "a~1", "@{-1}", "x.lock", "", "@"];
  it.each(bad)("%j is refused before git sees it", async (name) => {
    await expect(repo.tip(name)).rejects.toMatchObject({ kind: "usage" });
    const work = (dir: string) => repo.mergeInto(dir, name, "m");
    await expect(repo.scratch(tip("main"), work)).rejects.toMatchObject({ kind: "usage" });
    await expect(repo.advance(name, tip("main"), tip("main"))).rejects.toMatchObject({
      kind: "usage",
    });
  });

  it("is the same to a tag of that name", async () => {
    const old = tip("main");
    room.commit({ "a.txt": "two\n" });
    room.git("tag", "main", old);
    expect(await repo.tip("main")).toBe(tip("main"));
    expect(await repo.currentBranch()).toBe("main");
    expect(await repo.resolve("-x")).toBeUndefined();
  });
});

describe("branches and worktrees", () => {
  const sandbox = (agent: string) => join(room.root, ".overture/worktrees", agent);

  it("list agents' branches that main does not hold, oldest first", async () => {
    vi.stubEnv("GIT_COMMITTER_DATE", "2026-01-02T00:00:00Z");
    room.branch("ov/zoe/t-1", { "c.txt": "c\n" });
    vi.stubEnv("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z");
    room.branch("ov/bob/t-2", { "d.txt": "d\n" });
    room.branch("feature", { "e.txt": "e\n" });
    room.git("branch", "ov/amy/t-3");
    expect(await openRepo(room.root).openBranches("main")).toEqual(["ov/bob/t-2", "ov/zoe/t-1"]);
    expect(await repo.changedFiles("ov/zoe/t-1", "main")).toEqual(["c.txt"]);
  });

  it("a sandbox begins at its base, keeps its branch and names its agent", async () => {
    await repo.addWorktree(sandbox("alice"), "ov/alice/t-1", "main");
    await repo.removeWorktree(sandbox("alice"));
    await repo.addWorktree(sandbox("alice"), "ov/alice/t-1", "no such base");
    expect(await repo.worktrees()).toEqual([
      { path: room.root, branch: "main", agent: undefined },
      { path: sandbox("alice"), branch: "ov/alice/t-1", agent: "alice" },
    ]);
  });

  it("a base that does not exist makes neither folder nor branch", async () => {
    const add = repo.addWorktree(sandbox("alice"), "ov/alice/t-1", "nowhere");
    await expect(add).rejects.toMatchObject({ kind: "not_found" });
    expect(existsSync(sandbox("alice"))).toBe(false);
    expect(await repo.tip("ov/alice/t-1")).toBeUndefined();
  });

  it("a sandbox with an untracked file stays, also where status hides such files", async () => {
    await repo.addWorktree(sandbox("alice"), "ov/alice/t-1", "main");
    room.git("config", "status.showUntrackedFiles", "no");
    writeFileSync(join(sandbox("alice"), "draft"), "words");
    await expect(repo.removeWorktree(sandbox("alice"))).rejects.toMatchObject({ kind: "refused" });
    expect(readFileSync(join(sandbox("alice"), "draft"), "utf8")).toBe("words");
    await repo.removeWorktree(sandbox("alice"), true);
    expect(existsSync(sandbox("alice"))).toBe(false);
  });

  it("what a sandbox holds alone: files, commits of its branch and of a detached HEAD", async () => {
    const alice = sandbox("alice");
    await repo.addWorktree(alice, "ov/alice/t-1", "main");
    room.gitIn(alice, "commit", "-q", "--allow-empty", "-m", "on the branch");
    room.gitIn(alice, "checkout", "-q", "--detach");
    room.gitIn(alice, "commit", "-q", "--allow-empty", "-m", "on no branch");
    room.gitIn(alice, "mv", "a.txt", "moved.txt");
    writeFileSync(join(alice, "b.txt"), "edit");
    writeFileSync(join(alice, "draft ü"), "words");
    const { dirty, unmerged } = await repo.unsaved(alice, "ov/alice/t-1", "main");
    expect(dirty.sort()).toEqual(["a.txt", "b.txt", "draft ü", "moved.txt"]);
    expect(unmerged.map((line) => line.slice(line.indexOf(" ") + 1))).toEqual([
      "on no branch",
      "on the branch",
    ]);
    rmSync(alice, { recursive: true });
    expect((await repo.unsaved(alice, "ov/alice/t-1", "main")).dirty).toEqual([]);
  });

  it("a branch that got a commit meanwhile, or is checked out, is not deleted", async () => {
    const old = tip("main");
    const now = room.branch("ov/alice/t-1", { "c.txt": "c\n" });
    await expect(repo.deleteBranch("ov/alice/t-1", old)).rejects.toMatchObject({ kind: "refused" });
    await expect(repo.deleteBranch("main", old)).rejects.toMatchObject({ kind: "refused" });
    await repo.deleteBranch("ov/alice/t-1", now);
    expect(await repo.tip("ov/alice/t-1")).toBeUndefined();
  });
});
