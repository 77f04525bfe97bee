import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { send } from "../cli/post.ts";
import { OV, TeamRoom } from "../team-room.ts";
import { examine, isFixed, only } from "./ward.ts";

let room: TeamRoom;
beforeEach(() => {
  room = new TeamRoom({ folder: "a person's project" });
});
afterEach(() => room.close());

const path = () => join(room.root, ".claude", "settings.local.json");
const read = (file = path()) => readFileSync(file, "utf8");
const STALE = "'/gone/bin/ov' mail check --inject --event Stop # overture";

function write(file: string, ...commands: string[]): void {
  const hooks = { Stop: [{ hooks: commands.map((command) => ({ type: "command", command })) }] };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ hooks }));
}

describe("hooks of your own sessions", () => {
  test("that are not installed are told, and no finding", async () => {
    const { findings, checks } = await examine(room, ["--category", "hooks"]);
    expect(findings).toEqual([]);
    const { said } = checks.find(({ id }) => id === "hooks-installed")!;
    expect(said).toBe("not installed for your own sessions");
  });

  test("that call a program of an older place are written anew, beside others", async () => {
    await room.ov(["hooks", "install"]);
    writeFileSync(path(), read().replaceAll(OV, "/moved/away/bin/ov"));
    const settings = JSON.parse(read());
    settings.hooks.Stop.unshift({ hooks: [{ type: "command", command: "say done" }] });
    writeFileSync(path(), JSON.stringify(settings));
    expect(await only(room, "hooks-installed")).toMatchObject({
      level: "fail",
      evidence: expect.stringContaining("'/moved/away/bin/ov'"),
    });
    await isFixed(room, "hooks-installed");
    expect(read()).not.toContain("/moved");
    expect(read()).toContain("say done");
  });

  test("of which one is missing get it", async () => {
    await room.ov(["hooks", "install", "--runtime", "codex"]);
    const file = join(room.root, ".codex", "hooks.json");
    const { hooks } = JSON.parse(read(file));
    writeFileSync(file, JSON.stringify({ hooks: { ...hooks, Stop: [] } }));
    expect((await only(room, "hooks-installed")).evidence).toMatch(/hooks\.json: Stop$/);
    await isFixed(room, "hooks-installed");
  });

  test("in a file that is no JSON are not touched", async () => {
    mkdirSync(dirname(path()));
    writeFileSync(path(), "{ mine\n}");
    const { findings } = await examine(room, ["--category", "hooks", "--fix"]);
    expect(findings).toMatchObject([{ id: "hooks-installed", level: "warn", fixed: false }]);
    expect(read()).toBe("{ mine\n}");
  });
});

describe("entries of another ov", () => {
  test.each([
    ["in the project's shared settings", () => join(room.root, ".claude", "settings.json")],
    [
      "in an agent's worktree",
      () => join(room.root, ".overture", "worktrees", "bo", ".claude", "settings.local.json"),
    ],
  ])("%s are taken out, and others stay", async (_, place) => {
    write(place(), "say done", STALE);
    expect(await only(room, "hooks-stray")).toMatchObject({
      what: expect.stringContaining(place()),
      evidence: "they call /gone/bin/ov, which is not there",
    });
    const [done = ""] = await isFixed(room, "hooks-stray");
    expect(read(place())).toContain("say done");
    expect(read(place())).not.toContain("overture");
    expect(read(done.split("the old file is ")[1])).toContain("/gone");
  });

  test.each([".claude", ".gemini"])(
    "in the home's %s are told, and not touched",
    async (folder) => {
      const file = join(room.base, folder, "settings.json");
      write(file, "say done", STALE);
      const before = read(file);
      const { findings } = await examine(room, ["--category", "hooks", "--fix"]);
      expect(findings).toMatchObject([{ id: "hooks-stray", level: "warn", fixed: false }]);
      expect(read(file)).toBe(before);
    },
  );

  test("that call this one are no finding", async () => {
    write(
      join(room.base, ".claude", "settings.json"),
      `'${OV.replaceAll("'", "'\\''")}' mail check --inject --event Stop # overture`,
    );
    expect((await examine(room, ["--category", "hooks"])).findings).toEqual([]);
  });
});

test("a running agent whose hooks' program has gone is told, with how to start it again", async () => {
  await room.ov(["sling", "t-1", "--name", "bo", "--prompt", "begin"]);
  await room.becomes("bo", "idle");
  const settings = join(room.session("bo"), "settings.json");
  writeFileSync(settings, read(settings).replaceAll(OV, "/moved/bin/ov"));
  expect(await only(room, "hooks-sessions")).toMatchObject({
    level: "fail",
    evidence: expect.stringContaining("/moved/bin/ov"),
    fix: "ov stop bo && ov sling t-1 --name bo --recover",
  });
});

describe("a hook that is fired", () => {
  test.each(["claude", "codex", "gemini", "opencode", "scripted"])(
    "brings a letter at each event of %s, and says nothing without one",
    async (runtime) => {
      const text = `project:\n  name: p\ntmux:\n  socket: ov\nruntime: ${runtime}\n`;
      writeFileSync(join(room.root, ".overture", "config.yaml"), text);
      const { checks } = await examine(room, ["--category", "hooks"]);
      const of = (id: string) => checks.find((check) => check.id === id)!;
      expect(of("hooks-work")).toMatchObject({
        level: "ok",
        said: expect.stringMatching(/^[34] bring their letter$/),
      });
      expect(of("hooks-silent").level).toBe("ok");
    },
  );

  /** This installation with a broken part. */
  function broken(change: (home: string) => void) {
    const home = join(room.base, "it's broken");
    for (const part of ["bin", "dist", "templates", "package.json", "docs"]) {
      cpSync(part, join(home, part), { recursive: true });
    }
    symlinkSync(join(process.cwd(), "node_modules"), join(home, "node_modules"));
    change(home);
    return home;
  }
  function hooksOf(home: string) {
    const args = ["doctor", "--json", "--category", "hooks"];
    const options = { cwd: room.root, env: room.env, encoding: "utf8" as const };
    return JSON.parse(spawnSync(join(home, "bin", "ov"), args, options).stdout).findings;
  }

  test("and brings nothing fails, once for all events", () => {
    const home = broken((at) => rmSync(join(at, "dist", "mail.cjs")));
    const findings = hooksOf(home);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      id: "hooks-work",
      level: "fail",
      what: expect.stringMatching(/: SessionStart, UserPromptSubmit, PostToolUse, Stop$/),
      evidence: expect.stringMatching(/printed nothing, and said: .*mail\.cjs is missing/),
    });
  });

  test("and starts Node for nothing is told", () => {
    const home = broken((at) => {
      const launcher = join(at, "bin", "ov");
      const text = readFileSync(launcher, "utf8");
      writeFileSync(launcher, text.replace(/^ *\[ -n "\$learn" \].*exit 0$/m, ""));
    });
    const findings = hooksOf(home);
    expect(findings.map(({ id }: { id: string }) => id)).toEqual(["hooks-silent"]);
    expect(findings[0].evidence).toContain("started Node");
  });

  test("never reads mail of the person", async () => {
    const id = await send(room, { to: "orchestrator" });
    await room.ov(["hooks", "install"]);
    await examine(room, ["--fix"]);
    expect((await room.receipt(id, "orchestrator")).state).toBe("queued");
  });
});
