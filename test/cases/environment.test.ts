import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OV, TeamRoom, until } from "../team-room.ts";

let room: TeamRoom;
beforeEach(() => {
  room = new TeamRoom({ config: program("[SHOP_TOKEN]") });
});
afterEach(() => room.close());

/** A program that writes its environment down and waits; each start adds to the file. */
const program = (keep: string) => `env:
  keep: ${keep}
runtimes:
  plain:
    type: generic
    command: plain-agent
    prompt: '^> (.*)$'
`;

/** Puts the program into a folder of its own; returns a PATH that begins with it. */
function withProgram(): string {
  const folder = join(room.base, "tools");
  mkdirSync(folder, { recursive: true });
  const script = `#!/bin/sh\nenv >"${room.base}/$OV_AGENT.env.part"\nmv "${room.base}/$OV_AGENT.env.part" "${room.base}/$OV_AGENT.env"\nprintf '> '\nexec cat >/dev/null\n`;
  writeFileSync(join(folder, "plain-agent"), script);
  chmodSync(join(folder, "plain-agent"), 0o755);
  return `${folder}:${room.env.PATH}`;
}

/** Starts the program; `env` is added to what the caller has. */
async function start(name: string, env: object = {}) {
  const PATH = withProgram();
  const args = ["sling", "t-1", "--name", name, "--runtime", "plain"];
  const result = await room.ov(args, { env: { PATH, ...env } });
  expect(result).toMatchObject({ code: 0 });
  return seen(name);
}

async function seen(name: string): Promise<Record<string, string>> {
  const path = join(room.base, `${name}.env`);
  await until(`${name} started`, () => existsSync(path), Boolean);
  const lines = readFileSync(path, "utf8").split("\n");
  execFileSync("rm", [path]);
  return Object.fromEntries(lines.map((line) => [line.split("=")[0]!, line.replace(/^\w+=/, "")]));
}

/** Ends its program as a crash does, and waits until that is known. */
async function crash(name: string): Promise<void> {
  const pid = Number(readFileSync(join(room.session(name), "pid"), "utf8"));
  process.kill(pid, "SIGKILL");
  await until("its end", () => existsSync(join(room.session(name), "exit")), Boolean);
}

const STEERING = {
  GIT_DIR: "/nowhere/.git",
  GIT_INDEX_FILE: "/nowhere/index",
  NODE_OPTIONS: "--no-warnings",
  LD_PRELOAD: "",
  CLAUDECODE: "1",
  CLAUDE_CODE_ENTRYPOINT: "cli",
  CLAUDE_PROJECT_DIR: "/nowhere",
  OV_SESSION: "session-of-another",
  TMUX: "/nowhere/tmux,1,0",
  TMUX_PANE: "%99",
};

describe("what a caller's shell holds", () => {
  test("reaches the agent that it starts, and not the next one", async () => {
    expect(await start("bo", { A_NEW_KEY: "k-1" })).toMatchObject({ A_NEW_KEY: "k-1" });
    expect(await start("cy")).not.toHaveProperty("A_NEW_KEY");
  });

  test("but what steers another's process never does", async () => {
    const { GIT_DIR: _, GIT_INDEX_FILE: __, ...others } = STEERING;
    const found = await start("bo", STEERING);
    for (const name of Object.keys({ ...others, GIT_DIR: "", GIT_INDEX_FILE: "" })) {
      if (name === "OV_SESSION") expect(found[name]).not.toBe(STEERING.OV_SESSION);
      else expect([name, found[name]]).toEqual([name, undefined]);
    }
  });

  test("arrives with every byte", async () => {
    const value = 'it\'s "quoted" $HOME `id` \\ end';
    expect((await start("bo", { ODD: value })).ODD).toBe(value);
  });

  test("the first caller's is not what the tmux server gives to all", async () => {
    await start("bo", { ONLY_HERE: "x", GIT_DIR: "" });
    expect(room.tmux("show-environment", "-g")).not.toMatch(/ONLY_HERE|GIT_DIR/);
  });
});

describe("a restart", () => {
  test("has the PATH of the start, though the caller's is poor", async () => {
    const first = await start("bo");
    await crash("bo");
    const poor = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` };
    expect(await room.ov(["resume", "bo"], { env: poor })).toMatchObject({ code: 0 });
    expect((await seen("bo")).PATH).toBe(first.PATH);
  });

  test("by a person takes a newer key and proxy, and says which", async () => {
    const old = { SHOP_TOKEN: "old", HTTPS_PROXY: "http://old:1", LANG: "C" };
    await start("bo", old);
    await crash("bo");
    const env = { SHOP_TOKEN: "new", HTTPS_PROXY: "http://old:1", LANG: "C.UTF-8" };
    const path = `${join(room.base, "tools")}:${room.env.PATH}`;
    const { stderr } = await room.ov(["resume", "bo"], { env: { ...env, PATH: path } });
    expect(stderr).toContain("bo: newer than at its last start, and taken from here: SHOP_TOKEN");
    expect(stderr).not.toContain("new\n");
    expect(await seen("bo")).toMatchObject({ ...old, SHOP_TOKEN: "new" });
  });

  test("by the carrier has what was kept, though the carrier was started without it", async () => {
    await start("bo", { SHOP_TOKEN: "t-1", NOT_KEPT: "x" });
    const poor = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` };
    expect(await room.ov(["up"], { env: poor })).toMatchObject({ code: 0 });
    await crash("bo");
    const again = await seen("bo");
    await room.ov(["down"]);
    expect(again).toMatchObject({ SHOP_TOKEN: "t-1" });
    expect(again.PATH).toContain(join(room.base, "tools"));
    expect(again).not.toHaveProperty("NOT_KEPT");
  }, 120_000);
});

describe("what is kept", () => {
  test("stands in a file that only its owner can read, and nowhere else", async () => {
    await start("bo", { SHOP_TOKEN: "a-secret-value", NOT_KEPT: "gone-after-start" });
    const file = join(room.session("bo"), "environment");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).toContain("a-secret-value");
    expect(readFileSync(file, "utf8")).not.toContain("gone-after-start");
    const grep = (text: string) =>
      execFileSync("sh", ["-c", `grep -rl -- '${text}' '${room.root}' || true`], {
        encoding: "utf8",
      });
    expect(grep("a-secret-value").trim()).toBe(file);
    expect(grep("gone-after-start").trim()).toBe("");
  });

  test("is told by ov inspect by its names, of secrets only that they are set", async () => {
    await start("bo", { SHOP_TOKEN: "a-secret-value" });
    const { stdout } = await room.ov(["inspect", "bo"]);
    expect(stdout).toMatch(/kept env .*PATH.*SHOP_TOKEN \(set\)/);
    expect(stdout).not.toContain("a-secret-value");
    const { environment } = await room.json("inspect", "bo");
    expect(environment).toContainEqual({ name: "SHOP_TOKEN", secret: true, set: true });
  });
});

test.each(["main", "linked"])(
  "an agent that a post-commit hook of a %s checkout starts commits on its own branch",
  async (kind) => {
    const side = join(room.base, "side");
    if (kind === "linked") room.git("worktree", "add", "-q", "-b", "side", side);
    const where = kind === "linked" ? side : room.root;
    const hook = join(room.root, ".git", "hooks", "post-commit");
    const call = `'${OV}' sling t-1 --name bo --runtime plain >'${room.base}/said' 2>&1`;
    writeFileSync(hook, `#!/bin/sh\n[ ! -e '${room.base}/said' ] || exit 0\n${call}\n`);
    chmodSync(hook, 0o755);
    const env = {
      ...room.env,
      OV_ROOT: room.root,
      PATH: withProgram(),
    };
    execFileSync("git", ["commit", "-q", "--allow-empty", "-m", "a person's"], { cwd: where, env });
    const found = await seen("bo");
    expect(Object.keys(found).filter((name) => name.startsWith("GIT_"))).toEqual([]);
    const later = await start("cy");
    expect(Object.keys(later).filter((name) => name.startsWith("GIT_"))).toEqual([]);
    execFileSync("git", ["commit", "-q", "--allow-empty", "-m", "an agent's"], {
      cwd: found.OV_WORKTREE,
      env: found,
    });
    expect(room.git("log", "--format=%s", "-1", "ov/bo/t-1").trim()).toBe("an agent's");
    const person = kind === "linked" ? "side" : "main";
    expect(room.git("log", "--format=%s", "-1", person).trim()).toBe("a person's");
  },
);
