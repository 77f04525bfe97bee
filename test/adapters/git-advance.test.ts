import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openRepo } from "../../src/adapters/git.ts";
import type { Repo } from "../../src/ports/repo.ts";
import { type GitRoom, gitRoom } from "../git-room.ts";

let room: GitRoom;
let repo: Repo;

beforeEach(() => {
  room = gitRoom("person's project – ünï");
  room.commit({
    ".gitignore": "*.env\n",
    "a.txt": "one\n",
    "b.txt": "one\n",
    "c.txt": "one\n",
    "d/e.txt": "one\n",
  });
  repo = openRepo(room.root);
});

afterEach(() => room.remove());

const tip = (branch: string) => room.git("rev-parse", `refs/heads/${branch}`).trim();

let count = 0;

/** Merges a new branch with these files into `main` and moves `main`. */
async function deliver(files: Record<string, string | null>): Promise<string> {
  const branch = `ov/alice/t-${++count}`;
  room.branch(branch, files);
  const from = tip("main");
  const work = (dir: string) => repo.mergeInto(dir, branch, "m");
  const { commit } = await repo.scratch(from, work);
  await repo.advance("main", from, commit);
  return commit;
}

/** The person's checkout must refuse, naming `name`, and stay as it is. */
async function refuses(files: Record<string, string | null>, name: string): Promise<void> {
  const before = room.picture();
  const main = tip("main");
  await expect(deliver(files)).rejects.toMatchObject({
    kind: "refused",
    message: expect.stringContaining(name),
  });
  expect(tip("main")).toBe(main);
  expect(room.picture()).toEqual(before);
}

describe("the checkout of a person", () => {
  it("keeps every byte of their work while files that they left alone follow", async () => {
    room.write("c.txt", "stashed\n");
    room.git("stash");
    room.write("b.txt", "staged\n");
    room.write("staged-new.txt", "staged\n");
    room.git("add", "b.txt", "staged-new.txt");
    room.write("b.txt", "staged, then edited\n");
    room.write("c.txt", "edited\n");
    room.write("notes – ü.txt", "untracked\n");
    room.write("secret.env", "ignored\n");
    room.write("planned.txt", "");
    room.git("add", "--intent-to-add", "planned.txt");
    const { status, ...before } = room.picture();
    const commit = await deliver({ "a.txt": "two\n", "d/e.txt": null, "new.txt": "new\n" });
    const { status: after, ...rest } = room.picture();
    expect(rest).toEqual(before);
    expect(after).toBe(status);
    expect(tip("main")).toBe(commit);
    expect(room.read("a.txt")).toBe("two\n");
    expect(existsSync(join(room.root, "d/e.txt"))).toBe(false);
  });

  it("keeps ORIG_HEAD and the message of a commit that is being prepared", async () => {
    room.commit({ "b.txt": "two\n" });
    room.git("reset", "-q", "--hard", "HEAD~1");
    room.git("cherry-pick", "--no-commit", "ORIG_HEAD");
    const message = () => readFileSync(join(room.root, ".git/MERGE_MSG"), "utf8");
    writeFileSync(join(room.root, ".git/MERGE_MSG"), "words of the person\n");
    const original = room.git("rev-parse", "ORIG_HEAD");
    await deliver({ "a.txt": "two\n" });
    expect(room.git("rev-parse", "ORIG_HEAD")).toBe(original);
    expect(message()).toBe("words of the person\n");
  });

  it("gets no ORIG_HEAD that was not there", async () => {
    await deliver({ "a.txt": "two\n" });
    expect(existsSync(join(room.root, ".git/ORIG_HEAD"))).toBe(false);
  });

  it("is not stashed, squashed or signed because of a setting", async () => {
    room.git("config", "merge.autoStash", "true");
    room.git("config", "merge.verifySignatures", "true");
    room.git("config", "branch.main.mergeOptions", "--squash");
    room.write("b.txt", "edited\n");
    const commit = await deliver({ "a.txt": "two\n" });
    expect(tip("main")).toBe(commit);
    expect(room.git("stash", "list")).toBe("");
    room.git("config", "branch.main.mergeOptions", "--no-ff --autostash");
    await refuses({ "b.txt": "theirs\n" }, "b.txt");
  });

  it("on another branch sees nothing of the merge", async () => {
    room.git("checkout", "-q", "-b", "feature");
    room.write("a.txt", "edited\n");
    const before = room.picture();
    const commit = await deliver({ "a.txt": "two\n" });
    expect(tip("main")).toBe(commit);
    expect(room.picture()).toEqual(before);
  });

  it("in a second worktree follows too, and the first one sees nothing", async () => {
    room.git("checkout", "-q", "-b", "feature");
    const second = join(room.base, "second");
    room.git("worktree", "add", "-q", second, "main");
    writeFileSync(join(second, "b.txt"), "edited\n");
    const before = room.picture();
    const there = room.picture(second);
    await deliver({ "a.txt": "two\n" });
    expect(room.picture()).toEqual(before);
    expect(room.picture(second)).toEqual(there);
    expect(readFileSync(join(second, "a.txt"), "utf8")).toBe("two\n");
  });

  it("that was deleted by hand does not stop a merge", async () => {
    room.git("checkout", "-q", "-b", "feature");
    const second = join(room.base, "second");
    room.git("worktree", "add", "-q", second, "main");
    rmSync(second, { recursive: true });
    const commit = await deliver({ "a.txt": "two\n" });
    expect(tip("main")).toBe(commit);
  });
});

describe("nothing moves, and the file is named, when a merge would overwrite", () => {
  it("an edit", async () => {
    room.write("a.txt", "edited\n");
    await refuses({ "a.txt": "two\n", "b.txt": "two\n" }, "a.txt");
  });

  it("a staged edit", async () => {
    room.write("a.txt", "staged\n");
    room.git("add", "a.txt");
    await refuses({ "a.txt": "two\n" }, "a.txt");
  });

  it("an edit of a file that the merge deletes", async () => {
    room.write("a.txt", "edited\n");
    await refuses({ "a.txt": null }, "a.txt");
  });

  it("a deletion by the person", async () => {
    room.git("rm", "-q", "a.txt");
    await refuses({ "a.txt": "two\n" }, "a.txt");
  });

  it("an untracked file", async () => {
    room.write("new.txt", "untracked\n");
    await refuses({ "new.txt": "theirs\n" }, "new.txt");
  });

  it("an ignored file", async () => {
    room.write("secret.env", "ignored\n");
    await refuses({ ".gitignore": "", "secret.env": "theirs\n" }, "secret.env");
  });

  it("an untracked file in a folder that becomes a file", async () => {
    room.write("d/draft.txt", "untracked\n");
    await refuses({ "d/e.txt": null, d: "a file now\n" }, "overwrite d in");
  });

  it("an ignored file in a folder that becomes a file", async () => {
    room.write("d/secret.env", "ignored\n");
    await refuses({ "d/e.txt": null, d: "a file now\n" }, "overwrite d in");
  });

  it("an untracked file where a folder must be", async () => {
    room.write("new", "untracked\n");
    await refuses({ "new/file.txt": "theirs\n" }, "new");
  });

  it("an ignored file where a folder must be", async () => {
    room.write("x.env", "ignored\n");
    await refuses({ ".gitignore": "", "x.env/file.txt": "theirs\n" }, "x.env");
  });

  it.each(["--assume-unchanged", "--skip-worktree"])("an edit hidden by %s", async (flag) => {
    room.git("update-index", flag, "a.txt");
    room.write("a.txt", "hidden edit\n");
    await refuses({ "a.txt": "two\n" }, "a.txt");
    expect(room.read("a.txt")).toBe("hidden edit\n");
  });
});

describe("a person in the middle of something is not disturbed", () => {
  beforeEach(() => {
    room.branch("other", { "b.txt": "other\n" });
    room.commit({ "b.txt": "mine\n" });
  });
  const tryTo = (...args: string[]) => {
    expect(() => room.git(...args)).toThrow();
  };

  it("a merge", async () => {
    tryTo("merge", "other");
    await refuses({ "a.txt": "two\n" }, "in the middle of a merge");
  });

  it("a merge whose conflicts are solved", async () => {
    tryTo("merge", "other");
    room.write("b.txt", "solved\n");
    room.git("add", "b.txt");
    await refuses({ "a.txt": "two\n" }, "in the middle of a merge");
  });

  it("a rebase of the target, while HEAD is detached", async () => {
    tryTo("rebase", "other");
    await refuses({ "a.txt": "two\n" }, "in the middle of a rebase");
  });

  it("a cherry-pick", async () => {
    tryTo("cherry-pick", "other");
    await refuses({ "a.txt": "two\n" }, "in the middle of a cherry-pick");
  });

  it("a revert", async () => {
    room.commit({ "b.txt": "again\n" });
    tryTo("revert", "HEAD~1");
    await refuses({ "a.txt": "two\n" }, "in the middle of a revert");
  });

  it("a bisect", async () => {
    room.git("bisect", "start");
    await refuses({ "a.txt": "two\n" }, "in the middle of a bisect");
  });

  it("a command that holds the index for a moment is waited for", async () => {
    const lock = join(room.root, ".git/index.lock");
    writeFileSync(lock, "");
    const done = deliver({ "a.txt": "two\n" });
    setTimeout(() => rmSync(lock), 1000);
    const commit = await done;
    expect(tip("main")).toBe(commit);
  });

  it("a command that holds the index for long", async () => {
    writeFileSync(join(room.root, ".git/index.lock"), "");
    await refuses({ "a.txt": "two\n" }, "index.lock");
  });
});

describe("a target that moved meanwhile", () => {
  it.each(["checked out", "not checked out"])("stays where it is (%s)", async (where) => {
    room.branch("ov/alice/t-1", { "a.txt": "two\n" });
    const from = tip("main");
    const work = (dir: string) => repo.mergeInto(dir, "ov/alice/t-1", "m");
    const { commit } = await repo.scratch(from, work);
    const now = room.commit({ "b.txt": "person\n" });
    if (where === "not checked out") room.git("checkout", "-q", "--detach");
    await expect(repo.advance("main", from, commit)).rejects.toMatchObject({
      kind: "refused",
      message: expect.stringContaining("has moved"),
    });
    expect(tip("main")).toBe(now);
  });

  it("never loses a commit, even when the caller looked again", async () => {
    room.git("checkout", "-q", "--detach");
    const other = room.branch("other", { "b.txt": "other\n" }, "main");
    const now = room.branch("more", { "a.txt": "more\n" }, "main");
    room.git("branch", "-f", "main", now);
    await expect(repo.advance("main", now, other)).rejects.toMatchObject({ kind: "refused" });
    expect(tip("main")).toBe(now);
  });

  it("is moved by one of ten that try at once", async () => {
    room.git("checkout", "-q", "--detach");
    const from = tip("main");
    const make = (n: number) =>
      room.git("commit-tree", `${from}^{tree}`, "-p", from, "-m", `try ${n}`).trim();
    const tries = Array.from({ length: 10 }, (_, n) => repo.advance("main", from, make(n)));
    const results = await Promise.allSettled(tries);
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
    for (const result of results) {
      if (result.status === "fulfilled") continue;
      expect(result.reason).toMatchObject({ kind: "refused" });
    }
  });
});
