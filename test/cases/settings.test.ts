import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { claude } from "../../src/adapters/runtimes/claude.ts";
import { transcriptHas } from "../../src/adapters/runtimes/transcript.ts";
import { TeamRoom } from "../team-room.ts";
import { TRACE } from "./namespace.ts";

const room = new TeamRoom();
afterAll(() => room.close());

const HOOKS: Record<string, string> = {
  claude: ".claude/settings.local.json",
  codex: ".codex/hooks.json",
  gemini: ".gemini/settings.json",
};
const SERVERS: Record<string, string> = {
  claude: ".mcp.json",
  gemini: ".gemini/settings.json",
  opencode: "opencode.json",
};
const STOP: Record<string, string> = { claude: "Stop", codex: "Stop", gemini: "AfterAgent" };
const at = (file: string) => join(room.root, file);
const read = (file: string) => readFileSync(at(file), "utf8");
function write(file: string, text: string): void {
  mkdirSync(dirname(at(file)), { recursive: true });
  writeFileSync(at(file), text);
}
const hooks = (verb: string, runtime: string, ...more: string[]) =>
  room.ov(["hooks", verb, "--runtime", runtime, ...more]);

beforeEach(() => {
  for (const file of [...Object.values(HOOKS), ...Object.values(SERVERS), "opencode.jsonc"]) {
    rmSync(at(file), { force: true });
  }
});

describe.each(Object.entries(HOOKS))("%s's hooks in %s", (runtime, file) => {
  const stop = STOP[runtime]!;
  const theirs = { hooks: [{ type: "command", command: "mine" }] };
  const LAYOUTS: Record<string, string> = {
    comments: `{\n  // mine\n  "model": "x", // beside\n  /* above */\n  "n": [1,  2]\n}\n`,
    "a comment and nothing else": "{\n  // mine\n}\n",
    "last commas": `{\n  "model": "x",\n  "hooks": {\n    "${stop}": [\n      ${JSON.stringify(theirs)},\n    ],\n  },\n}\n`,
    "a byte order mark and CRLF": `\uFEFF{\r\n\t"model": "x",\r\n\t"n": 1\r\n}\r\n`,
    tabs: `{\n\t"hooks": {\n\t\t"${stop}": [\n\t\t\t${JSON.stringify(theirs)}\n\t\t]\n\t},\n\t"n":   1\n}`,
    "one line": `{"model":"x","hooks":{"Other":[],"${stop}":[${JSON.stringify(theirs)}]}}`,
    "switches and odd entries": `{"hooks": {"enabled": true, "Notification": {"a": 1}, "${stop}": [null, {"command": "x"}, 7]}}`,
  };

  test.each(Object.entries(LAYOUTS))("keep %s, and go without a trace", async (_, before) => {
    write(file, before);
    const install = await hooks("install", runtime);
    expect(install).toMatchObject({ code: 0, stderr: "" });
    const after = read(file);
    for (const line of before.split(/\r?\n/).filter((one) => /^\s*(\/\/|"model"|"n")/.test(one))) {
      expect(after).toContain(line.replace(/,?$/, ""));
    }
    if (before.includes("\r\n")) expect(after.replaceAll("\r\n", "")).not.toContain("\n");
    expect(await hooks("status", runtime)).toMatchObject({ code: 0 });
    const again = await hooks("install", runtime);
    expect([again.code, read(file)]).toEqual([0, after]);
    const { code, stdout } = await hooks("uninstall", runtime);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/removed our hooks at .*Stop/)]);
    expect(read(file)).toBe(before);
  });

  test.each(["a folder", "a pipe"])("are refused by name where the file is %s", async (kind) => {
    mkdirSync(dirname(at(file)), { recursive: true });
    if (kind === "a folder") mkdirSync(at(file));
    else execFileSync("mkfifo", [at(file)]);
    for (const verb of ["install", "status", "uninstall"]) {
      const { code, stderr } = await hooks(verb, runtime);
      expect([code, stderr]).toEqual([1, expect.stringContaining(`${at(file)} is no file`)]);
    }
    rmSync(at(file), { recursive: true });
  });

  test.each([
    [`{\n  "n": 1,\n  "hooks": null\n}`, /json:3: hooks is null, and no object/],
    [`{\n  "hooks": []\n}`, /json:2: hooks is a list, and no object/],
    [
      `{"hooks": {\n  "${stop}": {"a": 1}}}`,
      new RegExp(`json:2: hooks\\.${stop} is an object, and no list`),
    ],
    [`{"hooks": {"${stop}": null}}`, new RegExp(`json:1: hooks\\.${stop} is null`)],
    [`{\n  "a": 1\n  "b": 2\n}\n`, /json:3: this is not JSON/],
    [`{\n  "a": 1,\n`, /json:2: this is not JSON/],
    ["[]", /json:1: this is not a JSON object/],
  ])("are refused with file and line, and nothing is changed: %s", async (text, words) => {
    write(file, text);
    const { code, stderr } = await hooks("install", runtime);
    expect(stderr).toMatch(words);
    expect(stderr).toContain(file);
    expect(stderr).not.toMatch(TRACE);
    expect([code, read(file)]).toEqual([1, text]);
    for (const verb of ["status", "uninstall"]) {
      const other = await hooks(verb, runtime);
      expect(other.stderr).not.toMatch(TRACE);
      if (/this is not/.test(other.stderr)) expect(other.stderr).toContain(file);
      expect(read(file)).toBe(text);
    }
  });

  test("go where a dangling link leads, and the link stays", async () => {
    const target = join(room.base, `elsewhere-${runtime}`, "settings.json");
    mkdirSync(dirname(at(file)), { recursive: true });
    symlinkSync(target, at(file));
    expect(await hooks("install", runtime)).toMatchObject({ code: 0 });
    expect(lstatSync(at(file)).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, "utf8")).toContain("# overture");
  });
});

test("a link that leads to itself is named", async () => {
  mkdirSync(at(".claude"), { recursive: true });
  symlinkSync("settings.local.json", at(HOOKS.claude!));
  const { code, stderr } = await hooks("install", "claude");
  expect([code, stderr]).toEqual([1, expect.stringContaining("a link that leads to itself")]);
});

describe.each(Object.entries(SERVERS))("%s's servers in %s", (runtime, file) => {
  const key = runtime === "opencode" ? "mcp" : "mcpServers";

  test.each([
    [
      "comments",
      `{\n  // mine\n  "${key}": {\n    "other": { "command": "x" }, // theirs\n  },\n}\n`,
    ],
    ["CRLF and a byte order mark", `\uFEFF{\r\n  "${key}": {\r\n    "other": {}\r\n  }\r\n}\r\n`],
  ])("keep %s", async (_, before) => {
    write(file, before);
    expect(await hooks("install", runtime, "--mcp")).toMatchObject({ code: 0 });
    expect(read(file)).toContain('"overture"');
    const { stdout } = await hooks("uninstall", runtime, "--mcp");
    expect(stdout).toContain('removed the MCP server "overture"');
    if (HOOKS[runtime] === file) await hooks("uninstall", runtime);
    expect(read(file)).toBe(before);
  });

  test.each([
    [`{\n  "${key}": null\n}`, new RegExp(`json:2: ${key} is null, and no object`)],
    [`{"${key}": {\n"overture": 7}}`, new RegExp(`json:2: ${key}\\.overture is a number`)],
  ])("are refused with file and line: %s", async (text, words) => {
    write(file, text);
    const { code, stderr } = await hooks("install", runtime, "--mcp");
    expect([code, stderr]).toEqual([1, expect.stringMatching(words)]);
    expect((await hooks("status", runtime, "--mcp")).stderr).not.toMatch(TRACE);
  });
});

test("an install with --mcp installs the hooks as well", async () => {
  const { stdout } = await hooks("install", "claude", "--mcp");
  expect(stdout).toContain("SessionStart");
  expect(stdout).toContain('the MCP server "overture"');
  expect(await hooks("status", "claude")).toMatchObject({ code: 0 });
  expect(await hooks("status", "claude", "--mcp")).toMatchObject({ code: 0 });
});

test("opencode.jsonc is edited where there is one, and no second file is made", async () => {
  write("opencode.jsonc", '{\n  // mine\n  "theme": "x"\n}\n');
  expect(await hooks("install", "opencode", "--mcp")).toMatchObject({ code: 0 });
  expect(read("opencode.jsonc")).toMatch(/\/\/ mine[\s\S]*"overture"/);
  expect(existsSync(at("opencode.json"))).toBe(false);
});

describe("a folder whose name Claude Code has cut", () => {
  const home = join(room.base, "claude-home");
  const cwd = `/long/${"a folder/".repeat(40)}end`;
  const flat = cwd.replace(/[^A-Za-z0-9]/g, "-");
  const id = "11111111-2222-3333-4444-555555555555";
  const facts = async (known: { runtimeSession?: string; transcript?: string } = {}) => {
    mkdirSync(join(home, "sessions"), { recursive: true });
    const state = { sessionId: id, cwd, status: "idle", updatedAt: 1 };
    writeFileSync(join(home, "sessions", "77.json"), JSON.stringify(state));
    const session = { runtimeSession: null, transcript: null, ...known };
    return claude.facts(session as never, { CLAUDE_CONFIG_DIR: home }, 77);
  };

  test("has no transcript until the program has made it, and nothing crashes", async () => {
    expect((await facts()).transcript).toBeUndefined();
  });

  test("is found by the session that is in it, whatever the hash is", async () => {
    for (const hash of ["zzzzzz", "k3x9q1"]) {
      mkdirSync(join(home, "projects", `${flat.slice(0, 200)}-${hash}`), { recursive: true });
    }
    const path = join(home, "projects", `${flat.slice(0, 200)}-k3x9q1`, `${id}.jsonl`);
    writeFileSync(path, '{"type":"user","message":{"content":"proof-77"}}\n');
    const { transcript } = await facts();
    expect(transcript).toBe(path);
    expect([...(await transcriptHas(path, ["proof-77"]))]).toEqual(["proof-77"]);
    expect(readdirSync(join(home, "projects"))).toHaveLength(2);
  });

  test("is where the hook said, before all else", async () => {
    const known = { runtimeSession: id, transcript: "/told/by/the/hook.jsonl" };
    expect((await facts(known)).transcript).toBe(known.transcript);
  });

  test("a stored name above 255 bytes holds nothing, and does not crash", async () => {
    const path = join(home, "projects", flat, `${id}.jsonl`);
    expect(flat.length).toBeGreaterThan(255);
    expect([...(await transcriptHas(path, ["x"]))]).toEqual([]);
    expect((await facts({ runtimeSession: id, transcript: path })).facts).toHaveLength(1);
  });
});
