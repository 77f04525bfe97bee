import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TeamRoom, until } from "../team-room.ts";

let room: TeamRoom;
let tree: string;
beforeEach(() => {
  room = new TeamRoom();
  tree = join(room.base, "tree");
});
afterEach(() => room.close());

/** An agent's branch with a new file, in a worktree. */
function work(): void {
  room.git("worktree", "add", "-q", "-b", "ov/bo/t-1", tree);
  writeFileSync(join(tree, "work.txt"), "work\n");
  room.git("-C", tree, "add", "work.txt");
  room.git("-C", tree, "commit", "-qm", "work");
}

const NOTE = () => join(room.root, ".git/overture/root/git-settings.json");
const ran = () => join(room.base, "ran");

/** A program that shows that it ran. */
function program(name: string, does = "cat"): string {
  const path = join(room.base, "tools", name);
  mkdirSync(join(room.base, "tools"), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho "$0 $*" >>'${ran()}'\n${does}\n`);
  chmodSync(path, 0o755);
  return path;
}

const merge = (...words: string[]) => room.ov(["merge", "--branch", "ov/bo/t-1", ...words]);
const noted = () => room.ov(["merge", "--all"]);
const inTree = (...words: string[]) => room.git("-C", tree, "config", ...words);

/** The target, and the files of the person's checkout, read without git's filters. */
const picture = () => ({
  main: readFileSync(join(room.root, ".git/refs/heads/main"), "utf8"),
  index: readFileSync(join(room.root, ".git/index"), "base64"),
  files: readdirSync(room.root).sort(),
});

const SETTINGS: Record<string, () => void> = {
  "filter.x.smudge": () => {
    inTree("filter.x.smudge", program("smudge"));
    writeFileSync(join(room.root, ".git/info/attributes"), "* filter=x\n");
  },
  "core.fsmonitor": () => inTree("core.fsmonitor", program("monitor")),
  "core.hookspath": () => {
    for (const hook of ["post-checkout", "post-merge", "reference-transaction"]) program(hook);
    inTree("core.hooksPath", join(room.base, "tools"));
  },
  "alias.merge": () => inTree("alias.merge", `!${program("alias")}`),
  "include.path": () => inTree("include.path", join(room.base, "more")),
  "filter.y.clean": () => {
    inTree("extensions.worktreeConfig", "true");
    inTree("--worktree", "filter.y.clean", program("clean"));
  },
  "modules/lib: core.fsmonitor": () => {
    room.git("init", "-q", "--bare", join(room.root, ".git/modules/lib"));
    symlinkSync(".", join(room.root, ".git/modules/loop"));
    symlinkSync("self", join(room.root, ".git/modules/self"));
    room.git("-C", join(room.root, ".git/modules/lib"), "config", "core.fsmonitor", program("in"));
  },
  "hooks/post-merge": () => {
    writeFileSync(join(room.root, ".git/hooks/post-merge"), `#!/bin/sh\ntouch '${ran()}'\n`);
    chmodSync(join(room.root, ".git/hooks/post-merge"), 0o755);
  },
};

describe("a setting of git that runs a program", () => {
  test.each(Object.keys(SETTINGS))("%s, set from a worktree, stops the merge", async (name) => {
    work();
    expect(await noted()).toMatchObject({ code: 0 });
    room.git("reset", "-q", "--hard", "HEAD~1");
    const before = picture();
    SETTINGS[name]!();
    for (const words of [[], ["--dry-run"]]) {
      const { code, stdout, stderr } = await merge(...words);
      expect([code, stdout + stderr]).toEqual([1, expect.stringContaining(name)]);
      expect(stderr).toMatch(/not set before/);
      expect(stderr).toContain("ov merge --accept-settings");
    }
    expect(picture()).toEqual(before);
    expect(existsSync(ran())).toBe(false);
  });

  test("is told with its old and its new value", async () => {
    room.git("config", "core.pager", "less -R");
    await noted();
    room.git("config", "core.pager", "less -R; evil\u001b[2J");
    const { code, stderr } = await noted();
    expect(code).toBe(1);
    expect(stderr).toContain('core.pager: was "less -R", is "less -R; evil');
    expect(stderr).not.toContain("\u001b");
  });

  test("says nothing once it is removed, or put back as it was", async () => {
    room.git("config", "core.pager", "less -R");
    await noted();
    room.git("config", "--unset", "core.pager");
    expect(await noted()).toMatchObject({ code: 0 });
    room.git("config", "core.pager", "less -R");
    expect(await noted()).toMatchObject({ code: 0 });
  });

  test("in a file that is included where a condition holds counts", async () => {
    writeFileSync(join(room.base, "more"), "[user]\n\tname = P\n");
    room.git("config", "includeIf.onbranch:other.path", join(room.base, "more"));
    await noted();
    writeFileSync(join(room.base, "more"), "[alias]\n\tst = !evil\n");
    expect((await noted()).stderr).toContain('alias.st: not set before, is "!evil"');
  });

  test("of a repository that an agent put into its worktree counts", async () => {
    const own = join(room.root, ".overture/worktrees/bo");
    room.git("worktree", "add", "-q", "-b", "ov/bo/t-1", own);
    await noted();
    rmSync(join(own, ".git"));
    room.git("init", "-q", own);
    const { code, stderr } = await noted();
    expect([code, stderr]).toEqual([1, expect.stringContaining(`${own}/.git`)]);
  });

  test("that a gate sets stops the merge before the checkout follows", async () => {
    work();
    const monitor = program("monitor");
    room.configure(`merge:\n  gates:\n    - git config core.fsmonitor ${monitor}\n`);
    const before = picture();
    const { code, stdout } = await merge();
    expect(code).toBe(1);
    expect(stdout).toContain("core.fsmonitor: not set before");
    expect(stdout).toContain("ov merge --accept-settings");
    expect(picture()).toEqual(before);
    expect(existsSync(ran())).toBe(false);
  });

  test("is accepted by one command, which needs a yes", async () => {
    work();
    await noted();
    room.git("reset", "-q", "--hard", "HEAD~1");
    room.git("config", "alias.st", "!status");
    const asked = await room.ov(["merge", "--accept-settings"]);
    expect(asked.code).toBe(1);
    expect(asked.stderr).toContain('alias.st: not set before, is "!status"');
    expect(asked.stderr).toContain("--yes");
    expect(await merge()).toMatchObject({ code: 1 });
    const { accepted } = await room.json("merge", "--accept-settings", "--yes");
    expect(accepted).toEqual([{ name: "alias.st", before: [], now: "!status" }]);
    expect(await merge()).toMatchObject({ code: 0 });
    expect((await room.ov(["merge", "--accept-settings"])).stdout).toContain("nothing to accept");
  });

  test("is accepted on a terminal by the word yes", async () => {
    await noted();
    room.git("config", "alias.st", "!status");
    const line = `'${room.program}' merge --accept-settings; echo "code $?"; sleep 60`;
    room.tmux("-f", "/dev/null", "new-session", "-d", "-s", "ask", "-c", room.root, line);
    const screen = () => room.tmux("capture-pane", "-p", "-t", "=ask:");
    await until("the question", screen, (text) => text.includes("yes"));
    expect(screen()).toContain("alias.st");
    room.tmux("send-keys", "-t", "=ask:", "yes", "Enter");
    await until("the answer", screen, (text) => text.includes("code 0"));
    expect(await noted()).toMatchObject({ code: 0 });
  });
});

describe("a person's own", () => {
  test("settings of git-crypt and git-lfs go on working", async () => {
    const local: [string, string, string][] = [
      ["lfs", "git-lfs", "-- %f"],
      ["git-crypt", "git-crypt", ""],
    ];
    for (const [name, tool, file] of local) {
      program(tool, 'case "$1" in smudge) sed s/^stored-//;; clean) sed s/^/stored-/;; esac');
      room.git("config", `filter.${name}.smudge`, `${tool} smudge ${file}`);
      room.git("config", `filter.${name}.clean`, `${tool} clean ${file}`);
      room.git("config", `filter.${name}.required`, "true");
      room.git("config", `diff.${name}.textconv`, `${tool} diff`);
    }
    for (const hook of ["post-checkout", "post-merge", "pre-push"]) {
      const path = join(room.root, ".git/hooks", hook);
      writeFileSync(path, `#!/bin/sh\ngit lfs ${hook} "$@"\n`);
      chmodSync(path, 0o755);
    }
    room.env.PATH = `${join(room.base, "tools")}:${room.env.PATH}`;
    writeFileSync(join(room.root, ".gitattributes"), "*.bin filter=lfs\n*.key filter=git-crypt\n");
    room.git("add", "-A");
    room.git("commit", "-qm", "attributes");
    room.git("worktree", "add", "-q", "-b", "ov/bo/t-1", tree);
    for (const file of ["a.bin", "b.key"]) writeFileSync(join(tree, file), `${file}\n`);
    room.git("-C", tree, "add", "-A");
    room.git("-C", tree, "commit", "-qm", "work");
    expect(room.git("cat-file", "-p", "ov/bo/t-1:a.bin")).toBe("stored-a.bin\n");
    await noted();
    room.git("-C", tree, "commit", "-q", "--allow-empty", "-m", "more");
    expect(await merge()).toMatchObject({ code: 0 });
    for (const file of ["a.bin", "b.key"]) {
      expect(readFileSync(join(room.root, file), "utf8")).toBe(`${file}\n`);
    }
  });

  test("are noted at the first start of an agent, before it works", async () => {
    room.git("config", "alias.st", "status");
    expect(await room.ov(["sling", "t-1", "--name", "bo"])).toMatchObject({ code: 0 });
    expect(statSync(NOTE()).mode & 0o777).toBe(0o600);
    expect(readFileSync(NOTE(), "utf8")).toContain("alias.st");
    room.git("config", "alias.late", "!late");
    const { code, stderr } = await noted();
    expect([code, stderr]).toEqual([1, expect.stringContaining("alias.late")]);
    expect(stderr).not.toContain("alias.st");
  });
});
