import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { gemini } from "../../src/adapters/runtimes/gemini.ts";
import type { Access } from "../../src/domain/role.ts";

let base: string;
let theirs: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "ov-gemini-"));
  theirs = join(base, "person", ".gemini");
  mkdirSync(theirs, { recursive: true });
});
afterEach(() => rmSync(base, { recursive: true }));

function launch({ access = "write" as Access, firstPrompt = "go", resume = "", env = {} } = {}) {
  return gemini.launch({
    agent: "bo",
    worktree: join(base, "tree"),
    dir: join(base, "dir"),
    rolePrompt: "You are bo.",
    firstPrompt,
    resume: resume || undefined,
    access,
    hookCommand: (event) => `'/our/ov' mail check --inject --event ${event}`,
    writable: [join(base, ".overture")],
    env: { HOME: join(base, "person"), ...env },
    command: "/opt/my tools/gemini",
    args: ["--debug"],
  });
}
const person = (name: string, text: string) => writeFileSync(join(theirs, name), text);
const file = (plan: ReturnType<typeof launch>, end: string) =>
  plan.files.find(({ path }) => path.endsWith(end))?.text ?? "";
const settings = () => JSON.parse(file(launch(), "settings.json"));

test("the first prompt is one word of the command line, whatever it begins with", () => {
  const plan = launch({ firstPrompt: "--yolo\nand `more`" });
  expect(plan.argv).toEqual(["gemini", "--debug", "--prompt-interactive=--yolo\nand `more`"]);
  expect(plan.path).toEqual(["/opt/my tools"]);
});

test("an earlier conversation is resumed by its id", () => {
  expect(launch({ resume: "id-1" }).argv).toContain("id-1");
});

test("the person's settings stay, with ours beside them; comments are allowed", () => {
  const own = { hooks: [{ type: "command", command: "their-hook" }] };
  const text = JSON.stringify({ hooks: { AfterTool: [own] }, model: { name: "m" } });
  person(
    "settings.json",
    `// mine: "x"\n${text.replace("{", '{ /* "y" */ "url": "http://a//b",')}`,
  );
  const { hooks, model, url } = settings();
  expect([model.name, url]).toEqual(["m", "http://a//b"]);
  expect(Object.keys(hooks).sort()).toEqual([
    "AfterAgent",
    "AfterTool",
    "BeforeAgent",
    "PreCompress",
  ]);
  expect(hooks.AfterTool[0]).toEqual(own);
  expect(hooks.AfterTool[1].hooks[0]).toMatchObject({ name: "overture", timeout: 5_000 });
});

test("settings that are no JSON are refused, not dropped", () => {
  person("settings.json", "{ model");
  expect(launch).toThrow("not JSON");
});

test("all else of the person's home is linked, by GEMINI_CLI_HOME as well", () => {
  person("oauth_creds.json", "{}");
  person("projects.json", "{}");
  const env = { HOME: "/nowhere", GEMINI_CLI_HOME: join(base, "person") };
  const { links = [] } = launch({ env });
  const linked = links.map(({ path, target }) => [path, target]);
  const home = join(base, "dir", "home", ".gemini");
  expect(linked).toEqual(
    ["tmp", "oauth_creds.json"].map((name) => [join(home, name), join(theirs, name)]),
  );
  // Conversations outlive the session, also those of a person who had none.
  expect(links.filter(({ isFolder }) => isFolder).map(({ path }) => path)).toEqual([
    join(home, "tmp"),
  ]);
});

test("the role stands behind the person's own memory", () => {
  person("GEMINI.md", "Speak plainly.\n");
  expect(file(launch(), "GEMINI.md")).toBe("Speak plainly.\n\nYou are bo.\n");
});

test("the person's policies count beside ours, from the folder or from their own paths", () => {
  const ours = join(base, "dir", "policy.toml");
  expect(settings().policyPaths).toEqual([join(theirs, "policies"), ours]);
  person("settings.json", JSON.stringify({ policyPaths: ["~/mine"] }));
  expect(settings().policyPaths).toEqual([join(base, "person", "mine"), ours]);
});

test("a writer edits unasked unless the person says else; a reader has no tools to write", () => {
  expect(settings().general.defaultApprovalMode).toBe("auto_edit");
  expect(file(launch(), "policy.toml")).not.toContain("deny");
  const reader = launch({ access: "read" });
  expect(file(reader, "policy.toml")).toContain('toolName = ["write_file", "replace"]');
  expect(JSON.parse(file(reader, "settings.json")).general).toEqual({});
  person("settings.json", JSON.stringify({ general: { defaultApprovalMode: "default" } }));
  expect(settings().general.defaultApprovalMode).toBe("default");
});

test("the page about it names the version that is pinned and measured", () => {
  const pinned = JSON.parse(readFileSync("test/agents/package.json", "utf8")).dependencies;
  expect(pinned["@google/gemini-cli"]).toBe(gemini.measured);
  const said = `measured on version ${gemini.measured}`;
  expect(readFileSync("docs/gemini.md", "utf8")).toContain(said);
});

test("a hook speaks in Gemini CLI's events and hears them as ours", () => {
  const { parse, say } = gemini.hooks!;
  const input = { hook_event_name: "AfterAgent", session_id: "s", transcript_path: "/t" };
  expect(parse(JSON.stringify({ ...input, stop_hook_active: true }), "Stop")).toEqual({
    event: "Stop",
    runtimeSession: "s",
    transcript: "gemini:/t",
    prompt: undefined,
    stopActive: true,
  });
  expect(JSON.parse(say("Stop", "mail"))).toEqual({ decision: "block", reason: "mail" });
  expect(JSON.parse(say("PostToolUse", "mail")).hookSpecificOutput).toEqual({
    hookEventName: "AfterTool",
    additionalContext: "mail",
  });
});

test("angle brackets are announced where the program rewrites them", () => {
  const { say } = gemini.hooks!;
  const context = (text: string) =>
    JSON.parse(say("PostToolUse", text)).hookSpecificOutput.additionalContext;
  expect(context("a < b")).toMatch(/^Angle brackets are shown as &lt; and &gt; here; .*\n\na < b$/);
  expect(context("a & b")).toBe("a & b");
  expect(JSON.parse(say("Stop", "a < b")).reason).toBe("a < b");
});

test("installed hooks are present, and uninstalling leaves what was there", () => {
  const { install, uninstall, present } = gemini.hooks!;
  const before = `${JSON.stringify({ ui: { theme: "x" } }, null, 2)}\n`;
  const after = install(install(before, String), String);
  expect(present(after)).toEqual(["UserPromptSubmit", "PostToolUse", "PreCompact", "Stop"]);
  expect(uninstall(after)).toBe(before);
});
