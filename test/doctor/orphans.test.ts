import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OV, TeamRoom, until } from "../team-room.ts";
import { examine, idsOf, isFixed, meddle, only } from "./ward.ts";

const SOON = { timeout: 90_000, interval: 50 };
let room: TeamRoom;
beforeEach(() => {
  room = new TeamRoom();
});
afterEach(() => room.close());

const sandbox = (agent: string) => join(room.root, ".overture", "worktrees", agent);
async function sling(name: string): Promise<void> {
  await room.ov(["sling", "t-1", "--name", name, "--prompt", "begin"]);
  await room.becomes(name, "idle");
}
async function stopped(name: string): Promise<void> {
  await sling(name);
  await room.ov(["stop", name]);
}
const commit = (agent: string) =>
  room.git("-C", sandbox(agent), "commit", "-q", "--allow-empty", "-m", "work");
const isAlive = (pid: number) => spawnSync("kill", ["-0", String(pid)]).status === 0;

describe("a session whose pane was killed", () => {
  test("is found, and ended", async () => {
    await sling("bo");
    await sling("cy");
    room.tmux("kill-session", "-t", "=bo");
    expect(await only(room, "sessions-gone")).toMatchObject({
      level: "fail",
      what: expect.stringContaining("bo"),
      evidence: expect.stringContaining("its pane is gone"),
    });
    expect((await isFixed(room, "sessions-gone")).join()).toContain("ended the session of bo");
    expect(await room.state("bo")).toBe("stopped");
    expect(await room.state("cy")).toBe("idle");
  });

  test("is found when its whole server was killed", async () => {
    await sling("bo");
    await room.endServer("ov");
    await isFixed(room, "sessions-gone");
  });
});

describe("a pane of a session that has ended", () => {
  const end = () => meddle(room, "UPDATE sessions SET ended_at = 1, end_reason = 'x'");

  test("is closed where its program has ended", async () => {
    await sling("bo");
    room.tmux("send-keys", "-t", "=bo:", "C-d");
    await room.becomes("bo", "exited");
    end();
    await isFixed(room, "panes-left");
    expect(spawnSync("tmux", ["-L", "ov", "list-panes", "-a"], { env: room.env }).status).toBe(1);
  });

  test("is left to a person where its program runs", async () => {
    await sling("bo");
    end();
    const report = await examine(room, ["--fix"]);
    expect(report.findings).toMatchObject([{ id: "panes-left", fixed: false }]);
    expect(room.screen("bo")).toContain("begin");
    execFileSync("sh", ["-c", report.findings[0]!.fix.split(": ")[1]!], { env: room.env });
    await expect.poll(async () => idsOf(await examine(room)), SOON).toEqual([]);
  });

  test("one that a person opened there is none of ours", async () => {
    await sling("bo");
    room.tmux("new-window", "-t", "=bo:", "cat");
    expect((await examine(room)).findings).toEqual([]);
  });
});

describe("a worktree", () => {
  test("whose folder was deleted is forgotten, and its branch stays", async () => {
    await stopped("bo");
    commit("bo");
    rmSync(sandbox("bo"), { recursive: true });
    await isFixed(room, "worktrees-gone");
    expect(room.git("worktree", "list")).not.toContain("bo");
    expect(room.git("log", "-1", "--format=%s", "ov/bo/t-1").trim()).toBe("work");
    await room.ov(["sling", "t-1", "--name", "bo", "--recover", "--prompt", "again"]);
    await room.becomes("bo", "idle");
  });

  test("whose folder was deleted under a live agent is a person's to decide", async () => {
    await sling("bo");
    rmSync(sandbox("bo"), { recursive: true });
    const { findings } = await examine(room, ["--fix"]);
    const gone = findings.find(({ id }) => id === "worktrees-gone");
    expect(gone).toMatchObject({ level: "fail", fixed: false });
    expect(room.git("worktree", "list")).toContain("bo");
  });

  test("of no agent goes when nothing is lost by it", async () => {
    await stopped("bo");
    await room.json("agents", "remove", "bo");
    await isFixed(room, "worktrees-left");
    expect(existsSync(sandbox("bo"))).toBe(false);
  });

  const ignored = () => {
    writeFileSync(join(room.root, ".git", "info", "exclude"), "*.env\n");
    writeFileSync(join(sandbox("bo"), "kept.env"), "words");
  };

  test.each([
    ["a file in no commit", () => writeFileSync(join(sandbox("bo"), "draft"), "words")],
    ["a commit that is not merged", () => void commit("bo")],
    ["a file that git ignores", ignored],
  ])("of no agent stays with %s", async (_, work) => {
    await stopped("bo");
    work();
    await room.json("agents", "remove", "bo");
    const { findings } = await examine(room, ["--fix"]);
    expect(findings).toMatchObject([{ id: "worktrees-left", level: "warn", fixed: false }]);
    expect(findings[0]!.evidence).toMatch(/draft|work|kept\.env/);
    expect(existsSync(sandbox("bo"))).toBe(true);
    expect(room.git("branch", "--list", "ov/bo/t-1")).toContain("ov/bo/t-1");
  });

  test("that git does not know is told, and stays", async () => {
    mkdirSync(sandbox("old"));
    writeFileSync(join(sandbox("old"), "notes"), "words");
    const { evidence, fix } = await only(room, "worktrees-unknown");
    expect([evidence, fix]).toEqual(["it has no .git file", expect.stringContaining("rm -r")]);
    await examine(room, ["--fix"]);
    expect(existsSync(join(sandbox("old"), "notes"))).toBe(true);
  });

  test("of a project that was moved is known again after --fix", async () => {
    await stopped("bo");
    const moved = join(room.base, "moved");
    renameSync(room.root, moved);
    try {
      expect(orphansIn(moved)).toMatchObject([{ id: "worktrees-gone" }]);
      expect(orphansIn(moved, "--fix")).toMatchObject([{ id: "worktrees-gone", fixed: true }]);
      expect(orphansIn(moved)).toEqual([]);
    } finally {
      renameSync(moved, room.root);
    }
  });
});

function orphansIn(cwd: string, ...more: string[]) {
  const args = ["doctor", "--json", "--category", "orphans", ...more];
  const { stdout } = spawnSync(OV, args, { cwd, env: room.env, encoding: "utf8" });
  return JSON.parse(stdout).findings;
}

describe("a branch that nobody works on", () => {
  test.each([
    ["with commits that are nowhere else", true, /ov merge --branch ov\/old\/t-9/],
    ["that is merged", false, /git branch -d ov\/old\/t-9/],
  ])("%s is told and stays", async (_, hasWork, fix) => {
    room.git("branch", "ov/old/t-9");
    if (hasWork) {
      const tree = room.git("commit-tree", "-p", "main", "-m", "x", "main^{tree}").trim();
      room.git("update-ref", "refs/heads/ov/old/t-9", tree);
    }
    expect((await only(room, "branches-left")).fix).toMatch(fix);
    await examine(room, ["--fix"]);
    expect(room.git("branch", "--list", "ov/old/t-9")).toContain("ov/old/t-9");
  });

  test("one of an agent that is stopped is its own", async () => {
    await stopped("bo");
    expect((await examine(room)).findings).toEqual([]);
  });
});

test("a scratch worktree of a merge that was killed is removed", async () => {
  const path = join(room.root, ".overture", "tmp", "scratch-2147480000-abc");
  room.git("worktree", "add", "-q", "--detach", path);
  await isFixed(room, "scratch-left");
  expect(existsSync(path)).toBe(false);
  expect(room.git("worktree", "list")).not.toContain("scratch");
});

test("a scratch worktree of a merge that runs stays", async () => {
  const path = join(room.root, ".overture", "tmp", `scratch-${process.pid}-abc`);
  room.git("worktree", "add", "-q", "--detach", path);
  expect((await examine(room, ["--fix"])).findings).toEqual([]);
  expect(existsSync(path)).toBe(true);
});

describe("a socket of another team", () => {
  const name = "overture-gone-0123abcd";
  const path = () => join(room.base, `tmux-${process.getuid?.()}`, name);
  const pidOf = () => {
    const args = ["-L", name, "new-session", "-d", "-P", "-F", "#{pid}", "cat"];
    return Number(execFileSync("tmux", args, { env: room.env, encoding: "utf8" }));
  };

  test("without a server for a day is removed", async () => {
    const pid = pidOf();
    process.kill(pid, "SIGKILL");
    await until(
      "the server's end",
      () => isAlive(pid),
      (alive) => !alive,
    );
    expect((await examine(room)).findings).toEqual([]);
    utimesSync(path(), 1, 1);
    await isFixed(room, "sockets-left");
    expect(existsSync(path())).toBe(false);
  });

  test("with a server stays", async () => {
    const pid = pidOf();
    utimesSync(path(), 1, 1);
    expect((await examine(room, ["--fix"])).findings).toEqual([]);
    expect(isAlive(pid)).toBe(true);
    await room.endServer(name);
  });
});
