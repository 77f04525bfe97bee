import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { OV, TeamRoom } from "../team-room.ts";
import { send, sh } from "./post.ts";

const room = new TeamRoom({ folder: 'a person\'s "own" $project' });
afterAll(() => room.close());
const path = join(room.root, ".claude", "settings.local.json");
const backups = join(room.root, ".overture", "backup");
beforeEach(() => {
  rmSync(dirname(path), { recursive: true, force: true });
  rmSync(backups, { recursive: true, force: true });
});

const EVENTS = ["SessionStart", "UserPromptSubmit", "PostToolUse", "PreCompact", "Stop"];
/** A compaction brings no mail. */
const BRINGING = EVENTS.filter((event) => event !== "PreCompact");
const hooks = (verb: string) => room.json("hooks", verb);
const read = () => readFileSync(path, "utf8");
function write(text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
interface Settings {
  hooks: Record<string, { matcher?: string; hooks: { command: string; timeout?: number }[] }[]>;
}
const commands = (event: string) =>
  (JSON.parse(read()) as Settings).hooks[event]!.flatMap((entry) =>
    entry.hooks.map(({ command }) => command),
  );

const hook = (command: string) => ({ hooks: [{ type: "command", command }] });
const PERSONS: [string, object][] = [
  ["permissions only", { permissions: { allow: ["Bash(ls)"], deny: [] }, model: "opus" }],
  ["hooks at another event", { hooks: { Notification: [hook("say hi")] } }],
  ["hooks at our events", { hooks: { Stop: [hook("a"), hook("b")], PostToolUse: [hook("c")] } }],
  [
    "hooks before other settings",
    { hooks: { Stop: [hook("a")] }, permissions: {}, env: { A: "1" } },
  ],
  [
    "a matcher, and a hook that calls another ov",
    { hooks: { PostToolUse: [{ matcher: "Bash", ...hook("/old/ov mail check --inject") }] } },
  ],
  ["text that is not ASCII", { env: { GREETING: "grüß 🙂 \u2028" } }],
];

describe.each(PERSONS)("beside %s", (_, settings) => {
  test.each([
    ["with", "\n"],
    ["without", ""],
  ])("an uninstall gives back every byte, %s a line break at the end", async (_, end) => {
    const before = JSON.stringify(settings, null, 2) + end;
    write(before);
    await hooks("install");
    await hooks("uninstall");
    expect(read()).toBe(before);
  });
  test("an uninstall gives back the same settings, however they were written", async () => {
    write(JSON.stringify(settings, null, "\t"));
    await hooks("install");
    await hooks("uninstall");
    expect(JSON.parse(read())).toEqual(settings);
  });
  test("an install keeps all that was there, in its place", async () => {
    write(JSON.stringify(settings));
    await hooks("install");
    expect(JSON.parse(read())).toMatchObject({ ...settings, hooks: expect.anything() });
    const { hooks: own = {} } = settings as Partial<Settings>;
    for (const [event, entries] of Object.entries(own)) {
      const now = (JSON.parse(read()) as Settings).hooks[event]!;
      expect(now.slice(0, entries.length)).toEqual(entries);
    }
  });
});

describe("an install", () => {
  test("puts one hook at each of our events", async () => {
    await hooks("install");
    expect(Object.keys(JSON.parse(read()).hooks)).toEqual(EVENTS);
    expect(EVENTS.map((event) => commands(event).length)).toEqual([1, 1, 1, 1, 1]);
  });
  test("twice changes nothing the second time, byte for byte", async () => {
    await hooks("install");
    const once = read();
    expect(await hooks("install")).toMatchObject({ changed: false, backup: null });
    expect(read()).toBe(once);
  });
  test("replaces our own hooks of an older place", async () => {
    write(
      JSON.stringify({ hooks: { Stop: [hook("'/old/bin/ov' mail check --inject # overture")] } }),
    );
    await hooks("install");
    expect(commands("Stop")).toEqual([expect.stringContaining(OV)]);
  });
  test("keeps a copy of the file that it changes", async () => {
    write('{"model":"opus"}');
    const { backup } = await hooks("install");
    expect(readFileSync(backup, "utf8")).toBe('{"model":"opus"}');
    expect(dirname(backup)).toBe(backups);
  });
  test("of a new file keeps no copy, for there is nothing", async () => {
    expect(await hooks("install")).toMatchObject({ changed: true, backup: null });
  });
  test("leaves no other file behind", async () => {
    await hooks("install");
    expect(readdirSync(dirname(path))).toEqual(["settings.local.json"]);
  });
  test("keeps the file's mode", async () => {
    write("{}");
    await sh(room, "chmod 644 .claude/settings.local.json");
    await hooks("install");
    expect(statSync(path).mode & 0o777).toBe(0o644);
  });
  test("of a link changes the file that it leads to", async () => {
    const real = join(room.base, "dotfile.json");
    writeFileSync(real, "{}");
    mkdirSync(dirname(path));
    symlinkSync(real, path);
    await hooks("install");
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(readFileSync(real, "utf8")).toContain("# overture");
  });
  test("gives each hook 5 seconds", async () => {
    await hooks("install");
    const entries = Object.values((JSON.parse(read()) as Settings).hooks).flat();
    expect(entries.flatMap((e) => e.hooks.map((h) => h.timeout))).toEqual([5, 5, 5, 5, 5]);
  });
});

describe.each([
  ["no JSON", "{ mine\n}"],
  ["a list", "[]"],
  ["a number", "7"],
])("a settings file that is %s", (_, text) => {
  test.each(["install", "uninstall", "status"])("is refused by %s and stays", async (verb) => {
    write(text);
    const { code, stderr } = await room.ov(["hooks", verb]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/settings\.local\.json:1: this is not/),
    ]);
    expect(read()).toBe(text);
    expect(existsSync(backups)).toBe(false);
  });
});

test("an uninstall where nothing is ours changes nothing", async () => {
  write('{"hooks":{"Stop":[]}}');
  expect(await hooks("uninstall")).toMatchObject({ changed: false });
  expect(read()).toBe('{"hooks":{"Stop":[]}}');
});

test("an uninstall without a file makes none", async () => {
  await hooks("uninstall");
  expect(existsSync(path)).toBe(false);
});

describe("the status", () => {
  const status = async () => {
    const { code, stdout } = await room.ov(["hooks", "status", "--json"]);
    const { present, missing } = JSON.parse(stdout);
    return { code, present, missing };
  };
  test("is 1 before an install", async () => {
    expect(await status()).toEqual({ code: 1, present: [], missing: EVENTS });
  });
  test("is 0 after an install", async () => {
    await hooks("install");
    expect(await status()).toEqual({ code: 0, present: EVENTS, missing: [] });
  });
  test("is 1 when one is missing, and names it", async () => {
    await hooks("install");
    const { hooks: all, ...rest } = JSON.parse(read());
    write(JSON.stringify({ ...rest, hooks: { ...all, Stop: [] } }));
    expect(await status()).toMatchObject({ code: 1, missing: ["Stop"] });
  });
});

describe("the command of a hook, run by sh -c in a project whose path has blanks and quotes", () => {
  test.each(BRINGING)("brings the person's mail at %s", async (event) => {
    await hooks("install");
    await send(room, { to: "orchestrator", body: `for ${event}` });
    const { code, stdout, stderr } = await sh(room, `${commands(event)[0]} `);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`for ${event}`);
  });

  test("works from an installation whose path has them too", async () => {
    const home = join(room.base, 'it\'s "here" $HOME');
    for (const part of ["bin", "dist", "templates", "package.json"]) {
      cpSync(part, join(home, part), { recursive: true });
    }
    symlinkSync(join(process.cwd(), "node_modules"), join(home, "node_modules"));
    const other = join(home, "bin", "ov").replaceAll("'", "'\\''");
    await sh(room, `'${other}' hooks install`);
    await send(room, { to: "orchestrator", body: "from afar" });
    expect(commands("Stop")[0]).toContain("here");
    expect((await sh(room, commands("Stop")[0]!)).stdout).toContain("from afar");
  });
});
