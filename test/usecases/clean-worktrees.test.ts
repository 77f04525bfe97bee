import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openRepo } from "../../src/adapters/git.ts";
import { openStore } from "../../src/adapters/sqlite/store.ts";
import { workersIn } from "../../src/adapters/workers.ts";
import type { Repo } from "../../src/ports/repo.ts";
import type { Store } from "../../src/ports/store.ts";
import {
  cleanWorktrees,
  listWorktrees,
  type WorktreeTools,
} from "../../src/usecases/clean-worktrees.ts";
import { type GitRoom, gitRoom } from "../git-room.ts";

let room: GitRoom;
let repo: Repo;
let store: Store;
let tools: WorktreeTools;

beforeEach(async () => {
  room = gitRoom();
  room.commit({ "a.txt": "one\n" });
  repo = openRepo(room.root);
  store = openStore(join(room.base, "test.db"));
  tools = { repo, store, config: {}, workersIn };
  await spawn("alice");
});

afterEach(() => {
  store.close();
  room.remove();
});

const sandbox = (agent: string) => join(room.root, ".overture/worktrees", agent);

async function spawn(name: string): Promise<void> {
  const branch = `ov/${name}/t-1`;
  await repo.addWorktree(sandbox(name), branch, "main");
  store.agents.put({ name, kind: "local", role: "builder" });
  store.agents.update(name, { worktree: sandbox(name), branch, task: "t-1" });
}

function startSession(agent: string): void {
  store.sessions.start({
    id: `ses-${agent}`,
    agent,
    generation: 1,
    runtime: "scripted",
    pane: {
      socket: "none",
      serverPid: 1,
      serverStart: 1,
      pane: "%0",
      panePid: 1,
      mark: `ses-${agent}`,
    },
    dir: room.base,
    runtimeSession: null,
    transcript: null,
    startedAt: 1,
  });
}

function commitIn(agent: string, message: string): void {
  room.gitIn(sandbox(agent), "add", "-A");
  room.gitIn(sandbox(agent), "commit", "-q", "--allow-empty", "-m", message);
}

const clean = async (request = {}) => (await cleanWorktrees(tools, request)).worktrees;

describe("the list of worktrees", () => {
  it("tells of each sandbox what only it holds", async () => {
    commitIn("alice", "work");
    writeFileSync(join(sandbox("alice"), "draft"), "words");
    startSession("alice");
    const { into, worktrees } = await listWorktrees(tools);
    expect(into).toBe("main");
    expect(worktrees).toMatchObject([
      {
        agent: "alice",
        path: sandbox("alice"),
        branch: "ov/alice/t-1",
        task: "t-1",
        merged: false,
        dirty: ["draft"],
        unmerged: [expect.stringMatching(/^[0-9a-f]+ work$/)],
        live: true,
      },
    ]);
  });

  it("leaves out every checkout of a person, also one of an agent's branch", async () => {
    room.git("branch", "ov/bob/t-1");
    room.git("worktree", "add", "-q", join(room.base, "review"), "ov/bob/t-1");
    room.git("checkout", "-q", "-b", "ov/zoe/t-1");
    const { worktrees } = await listWorktrees(tools);
    expect(worktrees.map((row) => row.agent)).toEqual(["alice"]);
  });
});

describe("cleaning", () => {
  it("removes the worktree and the merged branch of an agent that does not run", async () => {
    commitIn("alice", "work");
    room.git("merge", "-q", "--no-ff", "-m", "merge", "ov/alice/t-1");
    expect(await clean()).toMatchObject([{ agent: "alice", removed: true, branchDeleted: true }]);
    expect(existsSync(sandbox("alice"))).toBe(false);
    expect(await repo.tip("ov/alice/t-1")).toBeUndefined();
    expect(store.agents.get("alice")).toMatchObject({ worktree: null, branch: null });
  });

  it("keeps that of a live session, also with force", async () => {
    startSession("alice");
    expect(await clean({ force: true })).toMatchObject([
      { removed: false, reason: expect.stringContaining("live") },
    ]);
    expect(existsSync(sandbox("alice"))).toBe(true);
  });

  it("keeps unsaved files and names them", async () => {
    writeFileSync(join(sandbox("alice"), "draft"), "words");
    writeFileSync(join(sandbox("alice"), "a.txt"), "edit");
    expect(await clean()).toMatchObject([
      { removed: false, reason: "in no commit: a.txt, draft", dirty: ["a.txt", "draft"] },
    ]);
    expect(existsSync(join(sandbox("alice"), "draft"))).toBe(true);
  });

  it("keeps unmerged commits and names them", async () => {
    commitIn("alice", "important work");
    expect(await clean()).toMatchObject([
      { removed: false, reason: expect.stringMatching(/^not merged: [0-9a-f]+ important work$/) },
    ]);
  });

  it("by force loses what is in no branch and keeps a branch that is not merged", async () => {
    commitIn("alice", "important work");
    writeFileSync(join(sandbox("alice"), "draft"), "words");
    expect(await clean({ force: true })).toMatchObject([{ removed: true, branchDeleted: false }]);
    expect(existsSync(sandbox("alice"))).toBe(false);
    expect(room.git("log", "-1", "--format=%s", "ov/alice/t-1").trim()).toBe("important work");
    expect(store.agents.get("alice")).toMatchObject({ worktree: null, branch: "ov/alice/t-1" });
  });

  it("keeps commits that an agent made on no branch", async () => {
    room.gitIn(sandbox("alice"), "checkout", "-q", "--detach");
    commitIn("alice", "on no branch");
    expect(await clean()).toMatchObject([
      { removed: false, reason: expect.stringContaining("on no branch") },
    ]);
  });

  it("keeps a branch that an agent made for itself", async () => {
    room.gitIn(sandbox("alice"), "checkout", "-q", "-b", "own");
    expect(await clean()).toMatchObject([{ removed: true, branch: "own", branchDeleted: false }]);
    expect(await repo.tip("own")).toBeDefined();
  });

  it("keeps a file that was written after the look at it", async () => {
    const removeWorktree: Repo["removeWorktree"] = (path, force) => {
      writeFileSync(join(path, "late"), "words");
      return repo.removeWorktree(path, force);
    };
    tools.repo = { ...repo, removeWorktree };
    expect(await clean()).toMatchObject([{ removed: false }]);
    expect(existsSync(join(sandbox("alice"), "late"))).toBe(true);
  });

  it("keeps a commit that was made after the look at it", async () => {
    const removeWorktree: Repo["removeWorktree"] = (path, force) => {
      commitIn("alice", "late work");
      return repo.removeWorktree(path, force);
    };
    tools.repo = { ...repo, removeWorktree };
    expect(await clean()).toMatchObject([{ removed: true, branchDeleted: false }]);
    expect(room.git("log", "-1", "--format=%s", "ov/alice/t-1").trim()).toBe("late work");
  });

  it("forgets a worktree whose folder was deleted by hand", async () => {
    rmSync(sandbox("alice"), { recursive: true });
    expect(await clean()).toMatchObject([{ removed: true, branchDeleted: true }]);
    expect(await repo.worktrees()).toHaveLength(1);
  });

  it("of one agent leaves the others; an unknown one is named with those that exist", async () => {
    await spawn("bob");
    expect(await clean({ agent: "bob" })).toMatchObject([{ agent: "bob", removed: true }]);
    expect(existsSync(sandbox("alice"))).toBe(true);
    await expect(clean({ agent: "alise" })).rejects.toMatchObject({
      kind: "not_found",
      hint: expect.stringContaining('did you mean "alice"'),
    });
  });
});
