import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BELL_SCRIPT } from "../../src/adapters/runtimes/bell.ts";
import { withBell } from "../../src/adapters/runtimes/claude-hooks.ts";
import { send, sh } from "../cli/post.ts";
import { examine } from "../doctor/ward.ts";
import { TeamRoom } from "../team-room.ts";
import { TRACE } from "./namespace.ts";

let room: TeamRoom;
beforeEach(() => {
  room = new TeamRoom();
});
afterEach(() => room.close());

const SILENT = { code: 0, stdout: "", stderr: "" };
const file = (...path: string[]) => join(room.root, ".overture", ...path);
const failures = async () => {
  const { events } = await room.json("logs", "--kind", "hook.failed");
  return events.map(({ agent, data }: { agent: string; data: object }) => ({ agent, ...data }));
};
const hookLog = () => readFileSync(file("hooks.log"), "utf8");

describe("a call that says that a hook makes it", () => {
  test.each([
    ["mail check --inject --agent bo --bogus", /unknown option '--bogus'/],
    ["mail check --inject --agent bo --debounce soon", /whole number/],
    ["mail check --event Stop --agent bo --bogus", /unknown option '--bogus'/],
    ["mail check --inject --agent bo --runtime nosuch", /unknown runtime/],
    ["checkpoint --agent bo --moment someday", /Allowed choices are turn/],
    ["checkpoint --agent nobody --moment turn", /nobody/],
    ["log", /missing required argument/],
    ["log tool-start --agent bo --bogus", /unknown option '--bogus'/],
    ["log tool-start --agent ../x", /is not valid/],
  ])("ends with 0 and says nothing, and the failure is recorded: ov %s", async (call, cause) => {
    await room.json("agents", "add", "bo");
    await send(room, { to: "bo" });
    expect(await room.ov(call.split(" "))).toEqual(SILENT);
    expect(await failures()).toMatchObject([{ cause: expect.stringMatching(cause) }]);
  });

  test.each([
    ["locked by another writer", () => lock(file("overture.db"))],
    [
      "not there",
      () => {
        rmSync(file("overture.db"));
      },
    ],
    [
      "a folder",
      () => {
        rmSync(file("overture.db"));
        mkdirSync(file("overture.db"));
      },
    ],
    ["no database", () => writeFileSync(file("overture.db"), "x".repeat(5_000))],
  ])(
    "ends with 0 within 5 s where the store is %s, and its project's log has why",
    async (_, harm) => {
      await room.json("agents", "add", "bo");
      await send(room, { to: "bo" });
      const kept = readFileSync(file("overture.db"));
      for (const end of ["-wal", "-shm"]) rmSync(file(`overture.db${end}`), { force: true });
      const undo: unknown = harm();
      const begun = Date.now();
      expect(await room.ov(["mail", "check", "--inject", "--agent", "bo"])).toEqual(SILENT);
      expect(await room.ov(["log", "tool-end", "--agent", "bo"])).toEqual(SILENT);
      expect(Date.now() - begun).toBeLessThan(10_000);
      expect(hookLog().trim().split("\n")).toHaveLength(2);
      if (typeof undo === "function") undo();
      rmSync(file("overture.db"), { recursive: true, force: true });
      writeFileSync(file("overture.db"), kept);
      const { findings } = await examine(room, ["--category", "hooks"]);
      expect(findings).toMatchObject([{ id: "hooks-log", level: "warn" }]);
    },
  );

  test("makes no store where it is lost, which would hide that", async () => {
    rmSync(file("overture.db"));
    await room.ov(["log", "tool-end", "--agent", "bo"]);
    expect(existsSync(file("overture.db"))).toBe(false);
  });

  test("ends with 0 before a compaction when the folder of its marks is gone", async () => {
    mkdirSync(file("agents", "bo"), { recursive: true });
    rmSync(file("hooks"), { recursive: true });
    const call = ["mail", "check", "--inject", "--agent", "bo", "--event", "PreCompact"];
    expect(await room.ov(call)).toEqual(SILENT);
  });

  test("ends with 0 where what Overstory calls a project's root is no path", async () => {
    const env = { OVERSTORY_PROJECT_ROOT: "foo" };
    expect(await room.ov(["mail", "check", "--inject"], { env })).toEqual(SILENT);
  });

  test("ends with 0 whatever NODE_OPTIONS says", async () => {
    await send(room, { to: "orchestrator", body: "all the same" });
    const env = { NODE_OPTIONS: "--require /no/such/file.js" };
    const { code, stdout } = await room.ov(["mail", "check", "--inject"], { env });
    expect([code, stdout]).toEqual([0, expect.stringContaining("all the same")]);
  });
});

/** Runs it in a folder that is removed before: as a shell whose worktree was cleaned up. */
const inGone = (line: string, folder = "gone") =>
  sh(room, `mkdir -p ${folder} && cd ${folder} && rmdir "$PWD" && ${line}`);

describe("in a folder that was removed", () => {
  test("a hook brings its letter", async () => {
    await room.json("agents", "add", "bo");
    await send(room, { to: "bo", body: "still here" });
    const hook = "ov mail check --inject --event Stop --agent bo";
    const at = `OV_ROOT='${room.root}'`;
    expect((await inGone(`${at} ${hook}`)).stdout).toContain("still here");
    for (const line of [`${hook} --bogus`, "ov checkpoint --agent bo --moment turn", "ov log x"]) {
      const { code, stdout, stderr } = await inGone(`${at} ${line}`);
      expect([code, stdout]).toEqual([0, ""]);
      expect(stderr).not.toMatch(TRACE);
    }
  });

  test.runIf(process.platform === "linux")(
    "a verb finds the project above it, or says that there is none",
    async () => {
      for (const line of ["ov status", `ov --project '${room.root}' status`]) {
        const { code, stdout, stderr } = await inGone(line);
        expect([code, stdout]).toEqual([0, expect.stringContaining("orchestrator")]);
        expect(stderr).not.toMatch(TRACE);
      }
      const gone = join(room.base, "elsewhere");
      for (const line of ["ov status", "ov init"]) {
        const { code, stderr } = await inGone(line, gone);
        expect([code, stderr]).toEqual([3, expect.stringContaining(gone)]);
        expect(stderr).not.toMatch(TRACE);
      }
      expect(existsSync(gone)).toBe(false);
    },
  );
});

/** Holds the write lock until it is undone. */
function lock(path: string): () => void {
  const db = new Database(path);
  db.exec("BEGIN EXCLUSIVE");
  return () => db.close();
}

test("an agent's own mistake in its shell is wrong usage, for its name makes no hook of a call", async () => {
  const env = { OV_AGENT: "bo", OVERSTORY_AGENT_NAME: "bo" };
  const { code, stderr } = await room.ov(["mail", "check", "--bogus"], { env });
  expect([code, stderr]).toEqual([64, expect.stringContaining("--bogus")]);
});

test("a hook that names its event brings mail as one with --inject does", async () => {
  await send(room, { to: "orchestrator", body: "by its event" });
  const { stdout } = await room.ov(["mail", "check", "--event", "Stop"]);
  expect(JSON.parse(stdout).hookSpecificOutput.additionalContext).toContain("by its event");
});

describe("what hooks of Overstory call", () => {
  test.each([
    ["log tool-start --agent bo --stdin", "tool-start"],
    ["log tool-end --agent bo --stdin", "tool-end"],
    ["log session-end --agent bo --stdin", "session-end"],
    ["log something-else --agent bo", "something-else"],
  ])("is accepted and recorded: ov %s", async (call, what) => {
    const input = '{"tool_name":"Bash","session_id":"s"}';
    expect(await room.ov(call.split(" "), { input })).toEqual(SILENT);
    const { events } = await room.json("logs", "--kind", "hook.log");
    expect(events).toMatchObject([{ agent: "bo", data: { what } }]);
  });

  test.each(["", "no JSON", "null", "7", "[", '{"tool_name":{}}', "\u0000"])(
    "is recorded with %j on stdin",
    async (input) => {
      const call = ["log", "tool-start", "--agent", "bo", "--stdin"];
      expect(await room.ov(call, { input })).toEqual(SILENT);
      expect((await room.json("logs", "--kind", "hook.log")).events).toHaveLength(1);
    },
  );
});

describe("settings with hooks of Overstory", () => {
  const LINE = '[ -z "$OVERSTORY_AGENT_NAME" ] && exit 0; ov log tool-start --agent bo --stdin';
  const settings = () => join(room.root, ".claude", "settings.local.json");
  beforeEach(() => {
    mkdirSync(join(room.root, ".claude"));
    const hook = { matcher: "", hooks: [{ type: "command", command: LINE }] };
    writeFileSync(settings(), JSON.stringify({ hooks: { PreToolUse: [hook] } }));
  });

  test("are named by an install, and stay", async () => {
    const { stdout } = await room.ov(["hooks", "install"]);
    expect(stdout).toContain(LINE);
    expect(JSON.parse(readFileSync(settings(), "utf8")).hooks.PreToolUse).toHaveLength(1);
  });

  test("and a folder .overstory are named by the doctor", async () => {
    mkdirSync(join(room.root, ".overstory"));
    const { findings } = await examine(room, ["--category", "hooks"]);
    expect(findings).toMatchObject([
      { id: "hooks-old", evidence: LINE },
      { id: "hooks-old", evidence: join(room.root, ".overstory") },
    ]);
  });
});

describe("a hook whose program has gone", () => {
  /** A copy of this installation, with hooks installed by it. */
  function installed() {
    const home = join(room.base, "it's elsewhere");
    for (const part of ["bin", "dist", "templates", "package.json"]) {
      cpSync(part, join(home, part), { recursive: true });
    }
    symlinkSync(join(process.cwd(), "node_modules"), join(home, "node_modules"));
    execFileSync(join(home, "bin", "ov"), ["hooks", "install"], { cwd: room.root, env: room.env });
    const text = readFileSync(join(room.root, ".claude", "settings.local.json"), "utf8");
    const commands = Object.values(JSON.parse(text).hooks as Record<string, Entry[]>).flatMap(
      (entries) => entries.flatMap(({ hooks }) => hooks.map(({ command }) => command)),
    );
    return { home, commands };
  }
  interface Entry {
    hooks: { command: string }[];
  }

  test("is silent and harmless", async () => {
    const { home, commands } = installed();
    rmSync(home, { recursive: true });
    for (const command of commands) expect(await sh(room, command)).toEqual(SILENT);
  });

  test("in part is so too, and written down", async () => {
    const { home, commands } = installed();
    await send(room, { to: "orchestrator" });
    rmSync(join(home, "dist"), { recursive: true });
    expect(await sh(room, commands[1]!)).toEqual(SILENT);
    expect(hookLog()).toMatch(/mail\.cjs is missing/);
  });

  test.each(["claude", "codex", "gemini"])(
    "is found again in the form of before by install and uninstall of %s",
    async (runtime) => {
      const { path } = await room.json("hooks", "install", "--runtime", runtime);
      const old = readFileSync(path, "utf8").replace(/\[ ! -x '[^']*' \] \|\| exec /g, "");
      writeFileSync(path, old);
      expect((await room.json("hooks", "status", "--runtime", runtime)).missing).toEqual([]);
      await room.json("hooks", "install", "--runtime", runtime);
      const text = readFileSync(path, "utf8");
      expect(text.match(/# overture/g)).toHaveLength(runtime === "gemini" ? 4 : 5);
      writeFileSync(path, old);
      await room.json("hooks", "uninstall", "--runtime", runtime);
      expect(readFileSync(path, "utf8")).not.toContain("overture");
    },
  );
});

describe("a hook without a PATH that has Node", () => {
  const call = () => `'${room.program}' mail check --inject --event Stop`;

  /** A checkout that has a Node of its own needs none that is kept: this installation has none. */
  beforeEach(() => {
    const home = join(room.base, "installed");
    mkdirSync(home);
    for (const part of ["bin", "dist"]) cpSync(part, join(home, part), { recursive: true });
    for (const part of ["docs", "node_modules", "package.json", "templates"]) {
      symlinkSync(resolve(part), join(home, part));
    }
    room.program = join(home, "bin", "ov");
  });

  test("brings its letter by the Node that worked before", async () => {
    await send(room, { to: "orchestrator", body: "by the kept Node" });
    expect(readFileSync(file("node"), "utf8")).toBe(`${process.execPath}\n${room.root}\n`);
    expect((await sh(room, `PATH=/nowhere; ${call()}`)).stdout).toContain("by the kept Node");
  });

  test("finds another when that one has gone, says so in the log, and keeps it", async () => {
    await send(room, { to: "orchestrator", body: "by another Node" });
    writeFileSync(file("node"), `/gone/bin/node\n${room.root}\n`);
    const nvm = join(room.base, ".nvm", "versions", "node", "v24.0.0", "bin");
    mkdirSync(nvm, { recursive: true });
    symlinkSync(process.execPath, join(nvm, "node"));
    expect((await sh(room, `PATH=/nowhere; ${call()}`)).stdout).toContain("by another Node");
    expect(hookLog()).toMatch(/no Node at \/gone\/bin\/node any more/);
    expect(readFileSync(file("node"), "utf8")).toContain(process.execPath);
  });

  test.each([
    ["inside of the project", () => join(room.root, "tools", "node"), () => room.root],
    ["written for another folder", () => join(room.base, "theirs", "node"), () => "/elsewhere"],
    ["by way of the working folder", () => "/proc/self/cwd/tools/node", () => room.root],
  ])("never runs one that a repository brought: %s", async (_, path, root) => {
    for (const folder of [join(room.root, "tools"), join(room.base, "theirs")]) {
      mkdirSync(folder);
      writeFileSync(join(folder, "node"), `#!/bin/sh\n: >'${room.base}/stranger-ran'\n`);
      chmodSync(join(folder, "node"), 0o755);
    }
    await send(room, { to: "orchestrator" });
    writeFileSync(file("node"), `${path()}\n${root()}\n`);
    await sh(room, call());
    expect(existsSync(join(room.base, "stranger-ran"))).toBe(false);
  });

  test("where the one that is named cannot run ends with 0, and the log says why", async () => {
    await send(room, { to: "orchestrator" });
    expect(await sh(room, `OV_NODE=/gone/node ${call()}`)).toEqual(SILENT);
    expect(hookLog()).toMatch(/OV_NODE is \/gone\/node/);
  });

  test("is no finding of the doctor, who fires hooks without the PATH of his caller", async () => {
    await room.ov(["status"]);
    const { checks } = await examine(room, ["--category", "hooks"]);
    expect(checks.find(({ id }) => id === "hooks-work")).toMatchObject({ level: "ok" });
  });

  test("is one where the Node that is kept has gone and a poor PATH has none", async () => {
    await room.ov(["status"]);
    const dead = join(room.base, "bin", "node");
    mkdirSync(join(room.base, "bin"));
    writeFileSync(dead, "#!/bin/sh\nexit 127\n", { mode: 0o755 });
    writeFileSync(file("node"), `${dead}\n${room.root}\n`);
    const env = { OV_NODE: process.execPath };
    const { findings } = await examine(room, ["--category", "hooks"], env);
    expect(findings).toMatchObject([{ id: "hooks-work", level: "fail" }]);
    rmSync(file("node"));
  });
});

describe("the waiter behind a bell", () => {
  const script = () => join(room.base, "bell.sh");
  beforeEach(() => writeFileSync(script(), BELL_SCRIPT));

  test.each([
    ["whose folder is gone", () => join(room.base, "gone")],
    ["whose bell is a folder", () => made("bell-is-folder", (at) => mkdirSync(join(at, "bell")))],
    ["whose folder is a file", () => script()],
  ])("%s ends with 0 and says nothing: 2 would wake its agent", async (_, folder) => {
    expect(await sh(room, `sh '${script()}' '${folder()}'`)).toEqual(SILENT);
  });

  test("whose script is gone ends with 0", async () => {
    const text = withBell("{}", join(room.base, "it's gone.sh"), room.base);
    expect(await sh(room, JSON.parse(text).hooks.Stop[0].hooks[0].command)).toEqual(SILENT);
  });

  function made(name: string, change: (at: string) => void): string {
    const at = join(room.base, name);
    mkdirSync(at);
    change(at);
    return at;
  }
});

describe("a Node that is too old", () => {
  const dist = join(process.cwd(), "dist");
  /** Runs a first file as an old Node would: its version is what it says. */
  const run = (main: string, words: string[]) =>
    sh(
      room,
      `'${process.execPath}' --import 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.20.2"})' '${join(dist, main)}' ${words.join(" ")}`,
    );

  test.each(["main.mjs", "mail.cjs"])("is said in one line and its remedy by %s", async (main) => {
    const { code, stdout, stderr } = await run(main, ["mail", "list"]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^ov: Overture needs Node 22\.\d+ or newer; .* is 20\.20\.2\n {4}.*\n$/);
  });

  test.each(["main.mjs", "mail.cjs"])("is written down under a hook by %s", async (main) => {
    expect(await run(main, ["mail", "check", "--inject"])).toEqual(SILENT);
    expect(hookLog()).toMatch(/needs Node 22/);
  });
});
