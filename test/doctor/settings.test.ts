import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { judgeFree } from "../../src/usecases/doctor/disk.ts";
import { TeamRoom } from "../team-room.ts";
import { examine, idsOf, only, pathWith } from "./ward.ts";

let room: TeamRoom;
beforeEach(() => {
  room = new TeamRoom();
});
afterEach(() => room.close());

const HEAD = "project:\n  name: project\ntmux:\n  socket: ov\n";
const settings = (text: string) =>
  writeFileSync(join(room.root, ".overture", "config.yaml"), `${HEAD}${text}`);
function write(file: string, value: unknown): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const text = typeof value === "string" ? value : JSON.stringify(value);
  writeFileSync(file, text, { mode: 0o600 });
}

describe("settings", () => {
  test.each([
    ["an unknown key", "runtimee: claude\n", /runtimee/],
    ["a value out of range", "mail:\n  ratePerMinute: -1\n", /mail\.ratePerMinute/],
    ["what is no YAML", "mail: [\n", /config\.yaml: /],
  ])("with %s are told by its name, and the rest is looked at", async (_, text, evidence) => {
    settings(text);
    const report = await examine(room);
    expect(report.findings).toMatchObject([
      { id: "settings", level: "fail", evidence: expect.stringMatching(evidence) },
    ]);
    const { level } = report.checks.find(({ id }) => id === "markers")!;
    expect(level).toBe("ok");
    room.configure("");
  });

  test.each([
    ["that ov sling starts", "runtime: cluade\n", "fail"],
    ["that is set and unknown", "runtime: scripted\nruntimes:\n  cluade:\n    args: [a]\n", "warn"],
  ])("a runtime %s is told with the nearest", async (_, text, level) => {
    settings(text);
    const finding = await only(room, "settings-runtime");
    expect([finding.level, finding.fix]).toEqual([level, "did you mean claude?"]);
  });

  test("a target of merges that is no branch fails", async () => {
    settings("runtime: scripted\nmerge:\n  into: develop\n");
    expect((await only(room, "settings-merge")).fix).toContain("git branch develop");
    room.git("branch", "develop");
    expect((await examine(room)).findings).toEqual([]);
  });

  test("a notifier that is not there fails", async () => {
    settings("runtime: scripted\nnotify: [no-such-notifier, x]\n");
    expect((await only(room, "settings-notify")).evidence).toBe("no no-such-notifier on PATH");
    settings("runtime: scripted\nnotify: [sh, -c, x]\n");
    expect((await examine(room)).findings).toEqual([]);
  });

  test("a role without a prompt is told with the nearest", async () => {
    const prompt = join(room.root, ".overture", "roles", "bilder.md");
    write(prompt, "You build.");
    await room.ov(["sling", "t", "--name", "bo", "--capability", "bilder", "--prompt", "x"]);
    await room.ov(["stop", "bo"]);
    rmSync(prompt);
    expect((await only(room, "roles")).evidence).toContain("did you mean builder?");
    write(prompt, "You build.");
    expect((await examine(room)).findings).toEqual([]);
  });

  test("a role that includes what is not there is told", async () => {
    write(join(room.root, ".overture", "roles", "mine.md"), "{{include rules}}");
    expect((await only(room, "roles")).what).toBe(
      "the role mine includes rules, which is not there",
    );
  });
});

describe("logins and trust", () => {
  const NONE = "#!/bin/sh\n";
  const login = { HOME: "" };
  beforeEach(() => {
    login.HOME = room.base;
  });

  const LOGINS: [string, string, (home: string) => void, object][] = [
    ["claude", "$ANTHROPIC_API_KEY", () => undefined, { ANTHROPIC_API_KEY: "sk-SECRET" }],
    [
      "claude",
      ".credentials.json",
      (at) => write(join(at, ".claude", ".credentials.json"), "SECRET"),
      {},
    ],
    [
      "claude",
      ".claude.json",
      (at) => write(join(at, ".claude.json"), { oauthAccount: { a: "SECRET" } }),
      {},
    ],
    ["codex", "auth.json", (at) => write(join(at, ".codex", "auth.json"), "SECRET"), {}],
    ["codex", "$OPENAI_API_KEY", () => undefined, { OPENAI_API_KEY: "SECRET" }],
    [
      "gemini",
      "oauth_creds.json",
      (at) => write(join(at, ".gemini", "oauth_creds.json"), "SECRET"),
      {},
    ],
    ["gemini", "$GEMINI_API_KEY", () => undefined, { GEMINI_API_KEY: "SECRET" }],
  ];

  test.each(["claude", "codex", "gemini"])(
    "no login of %s is told with where it was looked for",
    async (name) => {
      settings(`runtime: ${name}\n`);
      const PATH = pathWith(room, { [name]: NONE });
      const { findings } = await examine(room, ["--category", "agents"], { PATH });
      expect(findings.find(({ id }) => id === "logins")).toMatchObject({
        level: "warn",
        evidence: expect.stringMatching(/^none of \$\w+_API_KEY.*\/\.\w+/),
      });
    },
  );

  test.each(LOGINS)(
    "a login of %s by %s is found, and nothing of it shown",
    async (name, where, make, env) => {
      settings(`runtime: ${name}\n`);
      make(room.base);
      const PATH = pathWith(room, { [name]: NONE });
      const report = await examine(room, ["--category", "agents"], { PATH, ...env });
      expect(idsOf(report)).not.toContain("logins");
      expect(report.checks.find(({ id }) => id === "logins")!.said).toContain(where);
      expect(JSON.stringify(report)).not.toContain("SECRET");
    },
  );

  const TRUSTS: [string, (home: string, root: string) => void][] = [
    [
      "claude",
      (at, root) =>
        write(join(at, ".claude.json"), {
          projects: { [dirname(root)]: { hasTrustDialogAccepted: true } },
        }),
    ],
    [
      "codex",
      (at, root) =>
        write(
          join(at, ".codex", "config.toml"),
          `[projects.${JSON.stringify(root)}]\ntrust_level = "trusted"\n`,
        ),
    ],
    [
      "gemini",
      (at, root) => write(join(at, ".gemini", "trustedFolders.json"), { [root]: "TRUST_FOLDER" }),
    ],
  ];

  test.each(TRUSTS)("trust of %s in this folder is read where it keeps it", async (name, trust) => {
    settings(`runtime: ${name}\n`);
    write(join(room.base, ".gemini", "settings.json"), {
      security: { folderTrust: { enabled: true } },
    });
    const PATH = pathWith(room, { [name]: NONE });
    const ids = async () => idsOf(await examine(room, ["--category", "agents"], { PATH }));
    expect(await ids()).toContain("trust");
    trust(room.base, room.root);
    expect(await ids()).not.toContain("trust");
  });

  test("a folder of which another one is trusted is not", async () => {
    settings("runtime: codex\n");
    const other = '[projects."/other"]\ntrust_level = "trusted"\n';
    const own = `[projects.${JSON.stringify(room.root)}]\ntrust_level = "untrusted"\n`;
    write(join(room.base, ".codex", "config.toml"), own + other);
    const PATH = pathWith(room, { codex: NONE });
    expect(idsOf(await examine(room, ["--category", "agents"], { PATH }))).toContain("trust");
  });

  test("a dialog that the settings answer is no finding", async () => {
    settings("runtime: claude\nruntimes:\n  claude:\n    answers:\n      trust: Yes\n");
    const PATH = pathWith(room, { claude: NONE });
    expect(idsOf(await examine(room, ["--category", "agents"], { PATH }))).not.toContain("trust");
  });
});

describe("disk", () => {
  test.each([
    [2_000_000_000, []],
    [500_000_000, ["warn"]],
    [50_000_000, ["fail"]],
  ])("%i bytes left are judged", (bytes, levels) => {
    const { problems } = judgeFree(bytes, "/x");
    expect(problems.map(({ level }) => level)).toEqual(levels);
  });

  test("what is left is what the file system says", async () => {
    const { checks } = await examine(room, ["--category", "disk"]);
    const said = Number.parseFloat(checks.find(({ id }) => id === "disk-free")!.said);
    const { bavail, bsize } = statfsSync(room.root);
    expect(said).toBeCloseTo((bavail * bsize) / 1e9, -1);
  });
});
