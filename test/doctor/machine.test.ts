import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TeamRoom } from "../team-room.ts";
import { examine, idsOf, meddle, only, pathWith, whereIs } from "./ward.ts";

let room: TeamRoom;
beforeEach(() => {
  room = new TeamRoom();
});
afterEach(() => room.close());

describe("a program that Overture runs", () => {
  test.each([
    ["git", "git"],
    ["tmux", "tmux-version"],
    ["ps", "ps"],
  ])("%s that is not there is named, with what to type", async (name, id) => {
    const PATH = pathWith(room, { [name]: undefined, "apt-get": "#!/bin/sh\n" });
    const { what, fix } = await only(room, id, { PATH });
    expect(what).toContain(`${name} is not installed`);
    expect(fix).toMatch(/^sudo apt-get install -y (git|tmux|procps)$/);
  });

  test("with brew is got by brew", async () => {
    const PATH = pathWith(room, { ps: undefined, brew: "#!/bin/sh\n" });
    expect((await only(room, "ps", { PATH })).fix).toBe("brew install procps");
  });

  test("git that is too old is refused with both versions", async () => {
    const PATH = pathWith(room, { git: "#!/bin/sh\necho git version 2.17.1\n" });
    const { what, evidence } = await only(room, "git", { PATH });
    expect([what, evidence]).toEqual(["git 2.17.1 is too old", expect.stringContaining("2.30")]);
  });
});

describe("an installation", () => {
  /** A copy of this one, to be broken. */
  function copy(): string {
    const home = join(room.base, "copy");
    for (const part of ["bin", "dist", "templates", "package.json", "docs"]) {
      cpSync(part, join(home, part), { recursive: true });
    }
    return home;
  }
  function doctorOf(home: string) {
    const PATH = `${join(home, "bin")}:${room.env.PATH}`;
    const options = { cwd: room.root, env: { ...room.env, PATH }, encoding: "utf8" as const };
    try {
      return JSON.parse(execFileSync(join(home, "bin", "ov"), ["doctor", "--json"], options));
    } catch (error) {
      return JSON.parse((error as { stdout: string }).stdout);
    }
  }

  test("that needs a newer Node says so", () => {
    const home = copy();
    symlinkSync(join(process.cwd(), "node_modules"), join(home, "node_modules"));
    const manifest = { name: "overture", version: "0.1.0", engines: { node: ">=99.1" } };
    writeFileSync(join(home, "package.json"), JSON.stringify(manifest));
    const { findings } = doctorOf(home);
    const node = findings.find(({ id }: { id: string }) => id === "node");
    expect(node).toMatchObject({ level: "fail", evidence: "package.json asks for >=99.1" });
  });

  test("whose better-sqlite3 has a binary of another machine says what to type", () => {
    const home = copy();
    const modules = join(home, "node_modules");
    const addon = join(modules, "better-sqlite3");
    mkdirSync(modules);
    cpSync(join("node_modules", "better-sqlite3"), addon, { recursive: true, dereference: true });
    for (const name of readdirSync(join(addon, "prebuilds"))) {
      writeFileSync(join(addon, "prebuilds", name), "not a library");
    }
    const { findings } = doctorOf(home);
    const sqlite = findings.find(({ id }: { id: string }) => id === "sqlite");
    expect(sqlite).toMatchObject({
      level: "fail",
      what: expect.stringContaining("has no binary that runs here"),
      fix: expect.stringContaining("npx node-gyp rebuild"),
    });
  });
});

describe("the installed tmux", () => {
  /** The real one, with what it is told changed on the way. */
  function tmuxWith(change: string): string {
    const real = whereIs(room, "tmux");
    return `#!/usr/bin/env bash\nargs=()\nfor word in "$@"; do\n  ${change}\n  args+=("$word")\ndone\nexec ${real} "\${args[@]}"\n`;
  }
  const swap = (from: string, to: string) => `word=\${word//${from}/${to}}`;
  const CASES: [string, string, string, string][] = [
    ["does not take -u", "tmux-utf8", '[ "$word" = -u ] && continue', "could not be read"],
    ["does not frame a paste", "tmux-paste", swap("buffer -p -r", "buffer -r"), "differ from 0"],
    ["changes line ends", "tmux-paste", swap("-p -r -d", "-p -d"), "they differ"],
    ["cannot search the screen", "tmux-search", swap("C\\/r:", "Z\\/r:"), "it said"],
    ["tests no guard", "tmux-guard", 'case $word in "#{&&:"*) word=1 ;; esac', "forbade"],
    [
      "opens nothing",
      "tmux-opens",
      '[ "$word" = new-session ] && word=no-such-command',
      "did not open a pane",
    ],
  ];

  test.each(CASES)("that %s fails by a trial", async (_, id, change, evidence) => {
    const PATH = pathWith(room, { tmux: tmuxWith(change) });
    const env = { PATH, LC_ALL: "C", LANG: "C" };
    const report = await examine(room, ["--category", "tmux"], env);
    const found = report.findings.find((one) => one.id === id);
    expect(found?.evidence).toContain(evidence);
    expect(found?.evidence).toMatch(/^tmux \d/);
    const running = execFileSync("ps", ["-eo", "args="], { encoding: "utf8" }).split("\n");
    expect(running.filter((line) => line.includes(`${room.base}/ov-doctor-`))).toEqual([]);
  });

  test("that has no titles is told, and works", async () => {
    const conf = swap("pane_title", "no_such_thing");
    const PATH = pathWith(room, { tmux: tmuxWith(conf) });
    expect((await only(room, "tmux-title", { PATH })).level).toBe("warn");
  });
});

describe("a runtime", () => {
  const said = (version: string) => `#!/bin/sh\necho "${version} (Claude Code)"\n`;

  test("that ov sling starts and is not there fails, with the npm command", async () => {
    configure("claude");
    const { level, fix } = (await examine(room, ["--category", "dependencies"])).findings[0]!;
    expect([level, fix]).toEqual(["fail", "npm install -g @anthropic-ai/claude-code"]);
  });

  test("that was tried is no finding", async () => {
    configure("claude");
    const PATH = pathWith(room, { claude: said("2.1.329") });
    expect(idsOf(await examine(room, ["--category", "dependencies"], { PATH }))).toEqual([]);
  });

  test("that was not tried is told with those that were", async () => {
    configure("claude");
    const PATH = pathWith(room, { claude: said("9.9.9") });
    const { level, evidence, fix } = await only(room, "runtimes", { PATH });
    expect(level).toBe("warn");
    expect(evidence).toMatch(/tried: 2\.1\.329, [\d., ]+ \(docs\/agents\.md\)/);
    expect(fix).toMatch(/^npm install -g @anthropic-ai\/claude-code@2\.1\.\d+$/);
  });

  test("from npm is not started to be asked", async () => {
    configure("gemini");
    const folder = join(room.base, "lib", "node_modules", "@google", "gemini-cli");
    mkdirSync(join(folder, "bundle"), { recursive: true });
    const manifest = { name: "@google/gemini-cli", version: "0.61.0" };
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
    const started = join(room.base, "started");
    const script = join(folder, "bundle", "gemini.js");
    writeFileSync(script, `#!/bin/sh\n: >"${started}"\n`, { mode: 0o755 });
    const PATH = pathWith(room, {});
    symlinkSync(script, join(PATH, "gemini"));
    expect(idsOf(await examine(room, ["--category", "dependencies"], { PATH }))).toEqual([]);
    expect(() => rmSync(started)).toThrow();
  });

  test("of an agent that has it is looked for too", async () => {
    await room.ov(["sling", "t-1", "--name", "bo", "--prompt", "begin"]);
    await room.ov(["stop", "bo"]);
    meddle(room, "UPDATE agents SET runtime = 'codex' WHERE name = 'bo'");
    expect((await only(room, "runtimes")).what).toBe("codex is not installed");
  });
});

function configure(runtime: string): void {
  const text = `project:\n  name: project\ntmux:\n  socket: ov\nruntime: ${runtime}\n`;
  writeFileSync(join(room.root, ".overture", "config.yaml"), text);
}
