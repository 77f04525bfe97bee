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
import { OV, TeamRoom } from "../team-room.ts";

const room = new TeamRoom();
afterAll(() => room.close());

const FILES: Record<string, string> = {
  claude: ".mcp.json",
  gemini: ".gemini/settings.json",
  opencode: "opencode.json",
  codex: ".codex/config.toml",
};
const RUNTIMES = Object.keys(FILES);
const JSON_ONES = RUNTIMES.filter((name) => name !== "codex");
const at = (runtime: string) => join(room.root, FILES[runtime]!);
const read = (runtime: string) => readFileSync(at(runtime), "utf8");
function write(runtime: string, text: string): void {
  mkdirSync(dirname(at(runtime)), { recursive: true });
  writeFileSync(at(runtime), text);
}
const hooks = (verb: string, runtime: string) =>
  room.ov(["hooks", verb, "--runtime", runtime, "--mcp"]);
const keyOf = (runtime: string) => (runtime === "opencode" ? "mcp" : "mcpServers");

beforeEach(() => {
  for (const file of Object.values(FILES)) rmSync(join(room.root, file), { force: true });
  rmSync(join(room.root, ".overture", "backup"), { recursive: true, force: true });
});

test.each(JSON_ONES)("%s gets a server that starts ov mcp", async (runtime) => {
  expect(await hooks("install", runtime)).toMatchObject({ code: 0 });
  const { command, args = [] } = JSON.parse(read(runtime))[keyOf(runtime)].overture;
  expect([command, args].flat()).toEqual([OV, "mcp"]);
});

test("codex gets a table that names ov mcp, and the variables that say who calls", async () => {
  await hooks("install", "codex");
  expect(read("codex")).toBe(
    `[mcp_servers.overture] # overture\ncommand = "${OV}"\nargs = ["mcp"]\nenv_vars = ["OV_AGENT", "OV_ROOT", "OV_PASS", "TMUX", "TMUX_PANE"]\n`,
  );
});

test("an ov on PATH is called by its name, so that the file can be shared", async () => {
  const env = { PATH: `${dirname(OV)}:${process.env.PATH}` };
  await room.ov(["hooks", "install", "--mcp"], { env });
  expect(JSON.parse(read("claude")).mcpServers.overture.command).toBe("ov");
});

const BESIDE: [string, string][] = [
  ...JSON_ONES.map((runtime): [string, string] => [
    runtime,
    `{\n\t"theme": "dark",   "x": [1,2],\n\t"${keyOf(runtime)}": {\n\t\t"other": {"command": "npx"}\n\t}\n}`,
  ]),
  ["codex", '# mine\nmodel = "m"\n\n[mcp_servers.other]\ncommand = "npx"\n'],
];

describe.each(BESIDE)("beside what a person has for %s", (runtime, before) => {
  test("an install keeps every line, and an uninstall gives back every byte", async () => {
    write(runtime, before);
    await hooks("install", runtime);
    const lines = before.split("\n").filter((line) => !/^[\t}]*$/.test(line));
    for (const line of lines) expect(read(runtime)).toContain(line.replace(/,$/, ""));
    expect(read(runtime)).toContain("overture");
    const copies = () => readdirSync(join(room.root, ".overture", "backup"));
    const kept = copies().length;
    await hooks("uninstall", runtime);
    expect(copies()).toHaveLength(kept + 1);
    // Gemini CLI has its hooks in the same file.
    if (runtime === "gemini") await room.ov(["hooks", "uninstall", "--runtime", runtime]);
    expect(read(runtime)).toBe(before);
  });

  test("a second install changes nothing", async () => {
    write(runtime, before);
    await hooks("install", runtime);
    const once = read(runtime);
    expect((await hooks("install", runtime)).stdout).not.toContain("old file");
    expect(read(runtime)).toBe(once);
  });
});

test.each(RUNTIMES)("an uninstall of %s leaves no file that holds nothing", async (runtime) => {
  await hooks("install", runtime);
  await hooks("uninstall", runtime);
  if (runtime === "gemini") expect(Object.keys(JSON.parse(read(runtime)))).toEqual(["hooks"]);
  else expect(existsSync(at(runtime))).toBe(false);
  expect((await hooks("uninstall", runtime)).stdout).toContain("no MCP server of ours");
});

test.each([
  ["claude", '{ mine\n "mcpServers": {} }', /not JSON/],
  ["gemini", "[]", /not a JSON object/],
  ["opencode", '{"mcp": 7}', /opencode.json:1: mcp is a number, and no object/],
  [
    "claude",
    '{"mcpServers": {"overture": {"command": "npx", "args": ["x"]}}}',
    /another MCP server/,
  ],
  ["codex", '[mcp_servers.overture]\ncommand = "npx"\n', /a form of its own/],
  ["codex", 'mcp_servers = { other = { command = "npx" } }\n', /a form of its own/],
  ["codex", '[mcp_servers]\noverture = { command = "npx" }\n', /a form of its own/],
  ["codex", '[mcp_servers."overture".env]\nA = "b"\n', /a form of its own/],
])(
  "%s: what is not understood or belongs to another is refused and stays: %s",
  async (runtime, text, words) => {
    write(runtime, text);
    expect(await hooks("install", runtime)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(words),
    });
    expect(read(runtime)).toBe(text);
    expect((await hooks("uninstall", runtime)).code).toBeLessThan(2);
    expect(read(runtime)).toBe(text);
  },
);

test("a table of ours that a person has added to is not torn in two", async () => {
  await hooks("install", "codex");
  writeFileSync(at("codex"), `${read("codex")}enabled = false\n`);
  const { code, stderr } = await hooks("uninstall", "codex");
  expect([code, stderr]).toEqual([
    1,
    expect.stringContaining('"enabled = false", which is not ours'),
  ]);
});

test("the status says whether it is there; a link stays a link", async () => {
  expect((await hooks("status", "claude")).code).toBe(1);
  const real = join(room.base, "servers.json");
  writeFileSync(real, "{}\n");
  symlinkSync(real, at("claude"));
  await hooks("install", "claude");
  expect(lstatSync(at("claude")).isSymbolicLink()).toBe(true);
  expect((await hooks("status", "claude")).code).toBe(0);
});

test("an install of hooks says in one line how to get the tools, until they are there", async () => {
  const line = "memory and mail as tools: ov hooks install --runtime claude --mcp";
  expect((await room.ov(["hooks", "install"])).stdout.split("\n")[1]).toBe(line);
  await hooks("install", "claude");
  expect((await room.ov(["hooks", "install"])).stdout).not.toContain("tools");
});

test("hooks of the scripted agent go to a file of its own, never to Claude Code's", async () => {
  const claude = join(room.root, ".claude");
  rmSync(claude, { recursive: true, force: true });
  const { path } = await room.json("hooks", "install", "--runtime", "scripted");
  expect(path).toBe(join(room.root, ".overture", "scripted-settings.json"));
  expect(existsSync(claude)).toBe(false);
  expect(readFileSync(path, "utf8")).toContain("--runtime scripted");
  expect((await hooks("install", "scripted")).stderr).toContain("unknown runtime with MCP servers");
});
