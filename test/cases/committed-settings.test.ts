import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { codex } from "../../src/adapters/runtimes/codex.ts";
import { OV, TeamRoom } from "../team-room.ts";

describe("a project whose settings are committed", () => {
  let room: TeamRoom;
  beforeEach(() => {
    room = new TeamRoom();
    room.git("add", "-f", ".overture/config.yaml");
    room.git("commit", "-qm", "settings");
  });
  afterEach(() => room.close());

  const sandbox = () => join(room.root, ".overture/worktrees/bo");
  const makeSandbox = () => room.git("worktree", "add", "-q", "-b", "ov/bo/t-1", sandbox());
  const ov = (cwd: string, ...args: string[]) => {
    const { status, stdout } = spawnSync(OV, args, { cwd, env: room.env, encoding: "utf8" });
    return { status, stdout };
  };
  const projectOf = (cwd: string) => JSON.parse(ov(cwd, "status", "--json").stdout).project;

  test("is the one that a shell in an agent's worktree finds", () => {
    makeSandbox();
    mkdirSync(join(sandbox(), "src/deep"), { recursive: true });
    expect(projectOf(join(sandbox(), "src/deep"))).toBe(room.root);
    expect(existsSync(join(sandbox(), ".overture/overture.db"))).toBe(false);
  });

  test("is found also where an empty second one was made there before", () => {
    makeSandbox();
    writeFileSync(join(sandbox(), ".overture/overture.db"), "");
    expect(projectOf(sandbox())).toBe(room.root);
  });

  test("is found from a scratch worktree of a gate", () => {
    const scratch = join(room.root, ".overture/tmp/scratch-1-x");
    room.git("worktree", "add", "-q", "--detach", scratch);
    expect(projectOf(scratch)).toBe(room.root);
  });

  test("is found from a person's linked worktree, until that has a project of its own", () => {
    const linked = join(room.base, "feature");
    room.git("worktree", "add", "-q", "-b", "feature", linked);
    expect(projectOf(linked)).toBe(room.root);
    expect(ov(linked, "init").status).toBe(0);
    expect(projectOf(linked)).toBe(linked);
  });

  test("is not made anew, nor its settings replaced, by ov init in an agent's worktree", () => {
    makeSandbox();
    const before = readFileSync(join(room.root, ".overture/config.yaml"), "utf8");
    expect(JSON.parse(ov(sandbox(), "init", "--json").stdout)).toMatchObject({
      root: room.root,
      created: false,
    });
    expect(JSON.parse(ov(sandbox(), "init", "--force", "--json").stdout)).toMatchObject({
      success: false,
      error: { message: expect.stringContaining(room.root) },
    });
    expect(readFileSync(join(room.root, ".overture/config.yaml"), "utf8")).toBe(before);
  });

  test.each(["an agent's worktree", "a linked worktree with a relative pointer"])(
    "is where a hook in %s looks for mail",
    async (where) => {
      const place = where.startsWith("an") ? sandbox() : join(room.base, "feature");
      room.git("worktree", "add", "-q", "-b", "feature", place);
      if (!where.startsWith("an")) {
        writeFileSync(join(place, ".git"), "gitdir: ../project/.git/worktrees/feature\n");
      }
      const words = ["--to", "orchestrator", "--from", "ann", "--subject", "s", "--body", "b7"];
      await room.json("mail", "send", ...words);
      const hook = ["mail", "check", "--inject", "--event", "UserPromptSubmit"];
      expect(ov(place, ...hook).stdout).toContain("b7");
    },
  );
});

describe("the folders of git that Codex may write", () => {
  let base: string;
  beforeEach(() => {
    base = mkdtempSync(join(process.env.OV_TEST_ROOMS ?? tmpdir(), "codex-"));
    const git = (...args: string[]) => execFileSync("git", args, { cwd: base });
    git("init", "-q", "-b", "main", "repo");
    const name = ["-c", "user.name=P", "-c", "user.email=p@example.org"];
    git("-C", "repo", ...name, "commit", "-q", "--allow-empty", "-m", "first");
    git("-C", "repo", "worktree", "add", "-q", "-b", "work", "../tree");
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  function folders(): string[] {
    const worktree = join(base, "tree");
    const { argv } = codex.launch({
      ...{ agent: "bo", worktree, dir: base, rolePrompt: "", firstPrompt: "hi", env: {} },
      ...{ access: "write", hookCommand: () => "true", writable: [], command: undefined, args: [] },
    } as unknown as Parameters<typeof codex.launch>[0]);
    return argv.flatMap((word, i) => (argv[i - 1] === "--add-dir" ? [word] : []));
  }
  const inGit = (...names: string[]) => names.map((name) => join(base, "repo/.git", name));

  test("are found by a pointer that is relative to the worktree", () => {
    writeFileSync(join(base, "tree/.git"), "gitdir: ../repo/.git/worktrees/tree\n");
    expect(folders()).toEqual(inGit("worktrees/tree", "objects", "refs", "logs"));
  });

  test("include the references of a repository with reftable", () => {
    mkdirSync(join(base, "repo/.git/reftable"));
    expect(folders()).toEqual(inGit("worktrees/tree", "objects", "refs", "logs", "reftable"));
  });
});
