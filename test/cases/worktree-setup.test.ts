import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseConfig } from "../../src/adapters/config-yaml.ts";
import { openRepo } from "../../src/adapters/git.ts";
import { NO_SET_UP, type SetUp } from "../../src/domain/set-up.ts";
import type { Repo } from "../../src/ports/repo.ts";
import { type GitRoom, gitRoom } from "../git-room.ts";
import { TeamRoom } from "../team-room.ts";

describe("what worktree.copy, link and run bring", () => {
  let room: GitRoom;
  let repo: Repo;
  beforeEach(async () => {
    room = gitRoom();
    mkdirSync(join(room.root, ".overture/worktrees"), { recursive: true });
    room.commit({ ".gitignore": ".env\nnode_modules/\n", "src/a.txt": "one\n" });
    repo = openRepo(room.root);
    await repo.addWorktree(tree(), "ov/bo/t-1", "main");
  });
  afterEach(() => room.remove());

  const tree = (...names: string[]) => join(room.root, ".overture/worktrees/bo", ...names);
  const setUp = (plan: Partial<SetUp>) => repo.setUp(tree(), { ...NO_SET_UP, ...plan });
  const status = (dir: string) => room.gitIn(dir, "status", "--porcelain");

  test("files and folders, by name or pattern, are copied", async () => {
    room.write(".env", "A=1\n");
    room.write("pkg/one/local.json", "1\n");
    room.write("pkg/two/local.json", "2\n");
    room.write("certs/deep/key", "k\n");
    expect(await setUp({ copy: ["./.env", "pkg/*/local.json", "certs/"] })).toEqual({
      missing: [],
    });
    expect(readFileSync(tree(".env"), "utf8")).toBe("A=1\n");
    expect(readFileSync(tree("pkg/two/local.json"), "utf8")).toBe("2\n");
    expect(readFileSync(tree("certs/deep/key"), "utf8")).toBe("k\n");
  });

  test("a folder is linked, and neither a link nor a copy can be committed by git add -A", async () => {
    room.write("node_modules/x/index.js", "x\n");
    room.write("secret.txt", "s\n");
    await setUp({ link: ["node_modules"], copy: ["secret.txt"] });
    expect(lstatSync(tree("node_modules")).isSymbolicLink()).toBe(true);
    expect(existsSync(tree("node_modules/x/index.js"))).toBe(true);
    expect(status(tree())).toBe("");
    // Neither keeps the worktree, and what a link names stays.
    await repo.removeWorktree(tree());
    expect(room.read("node_modules/x/index.js")).toBe("x\n");
  });

  test("what the commit has stays as it is", async () => {
    room.write("src/a.txt", "edited\n");
    await setUp({ copy: ["src/a.txt"], link: ["src"] });
    expect(readFileSync(tree("src/a.txt"), "utf8")).toBe("one\n");
    expect(lstatSync(tree("src")).isSymbolicLink()).toBe(false);
  });

  test("what is not there is named", async () => {
    const { missing } = await setUp({ copy: [".env"], link: ["*.cache"] });
    expect(missing.map((line) => line.split(" in ")[0])).toEqual([
      "worktree.copy: there is no .env",
      "worktree.link: there is no *.cache",
    ]);
  });

  test.each(["copy", "link"] as const)(
    "a link is not followed out of the project: %s",
    async (how) => {
      writeFileSync(join(room.base, "outside"), "not yours\n");
      symlinkSync(join(room.base, "outside"), join(room.root, "way-out"));
      symlinkSync(room.base, join(room.root, "folder-out"));
      await expect(setUp({ [how]: ["way-out"] })).rejects.toThrow(/way-out .* leads out/);
      await expect(setUp({ [how]: ["folder-out/outside"] })).rejects.toThrow("leads out");
      expect(existsSync(tree("way-out"))).toBe(false);
    },
  );

  test("nor is a link of the commit followed out of the worktree", async () => {
    symlinkSync(room.base, join(room.root, "docs"));
    room.git("add", "docs");
    room.git("commit", "-qm", "a link");
    await repo.addWorktree(join(room.root, ".overture/worktrees/cy"), "ov/cy/t-1", "main");
    room.git("rm", "-q", "docs");
    room.write("docs/key", "k\n");
    const plan = { ...NO_SET_UP, copy: ["docs/key"] };
    const cy = join(room.root, ".overture/worktrees/cy");
    await expect(repo.setUp(cy, plan)).rejects.toThrow("out of the worktree");
    expect(existsSync(join(room.base, "key"))).toBe(false);
  });

  test("commands run in their order in the worktree, the first that fails ends them", async () => {
    const run = ["cat src/a.txt >made", "echo no; echo such package; exit 3", "touch never"];
    expect(await setUp({ run })).toEqual({
      missing: [],
      failed: { command: run[1], output: "no\nsuch package" },
    });
    expect(readFileSync(tree("made"), "utf8")).toBe("one\n");
    expect(existsSync(tree("never"))).toBe(false);
  });
});

test.each(["/etc/passwd", "../x", "a/../../x", ".git/config", ".overture", "", "a//b"])(
  "the path %j is refused by the name of its setting",
  (path) => {
    const text = `project:\n  name: p\nworktree:\n  copy:\n    - ${JSON.stringify(path)}\n`;
    expect(() => parseConfig(text, "config.yaml")).toThrow(/worktree\.copy\.0.*inside the project/);
  },
);

describe("a team with worktree settings", () => {
  let room: TeamRoom;
  beforeEach(() => {
    room = new TeamRoom();
    writeFileSync(join(room.root, ".env"), "A=1\n");
  });
  afterEach(() => room.close());
  const bo = ["sling", "t-1", "--name", "bo", "--prompt", "hello"];

  test("has them in agents' worktrees and in gates", async () => {
    const gates = "merge:\n  gates:\n    - grep A=1 .env && test -e made\n";
    room.configure(`worktree:\n  copy: [.env]\n  run: [touch made]\n${gates}`);
    const { worktree, missing } = await room.json(...bo);
    expect(missing).toEqual([]);
    expect(existsSync(join(worktree, ".env")) && existsSync(join(worktree, "made"))).toBe(true);
    room.git("-C", worktree, "commit", "-q", "--allow-empty", "-m", "work");
    expect(await room.json("merge", "--all")).toMatchObject({ outcomes: [{ status: "merged" }] });
  });

  test("takes a start back whose command fails, and names it with its last lines", async () => {
    room.configure(`worktree:\n  run: ["echo first; echo no registry >&2; exit 7"]\n`);
    const { code, stderr } = await room.ov(bo);
    expect(code).toBe(1);
    expect(stderr).toMatch(/exit 7" failed in its worktree:\nfirst\nno registry\n/);
    expect(room.git("worktree", "list").trim().split("\n")).toHaveLength(1);
    expect(room.git("branch", "--list", "ov/*")).toBe("");
    expect(await room.state("bo")).toBe("none");
    room.configure("");
    await room.json(...bo);
  });

  test("does not merge what cannot be set up", async () => {
    room.configure(`worktree:\n  run: [test ! -e bad]\nmerge:\n  gates: ["true"]\n`);
    const { worktree } = await room.json(...bo);
    writeFileSync(join(worktree, "bad"), "");
    room.git("-C", worktree, "add", "bad");
    room.git("-C", worktree, "commit", "-qm", "work");
    const { stdout, code } = await room.ov(["merge", "--all", "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout).outcomes).toMatchObject([
      { status: "gate_failed", gate: { command: "test ! -e bad" } },
    ]);
  });
});
