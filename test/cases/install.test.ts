import { execFile, execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TeamRoom, until } from "../team-room.ts";

interface Done {
  code: number;
  stdout: string;
  stderr: string;
}

const run = (program: string, words: string[], cwd: string, env = process.env): Promise<Done> =>
  new Promise((done) => {
    execFile(program, words, { cwd, env, encoding: "utf8" }, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
    });
  });

describe("the packed tarball, installed by npm for a person outside the checkout", () => {
  const base = mkdtempSync(join(tmpdir(), "ov-install-"));
  const prefix = join(base, "global");
  const ov = join(prefix, "bin", "ov");
  const shop = join(base, "shop");
  let files: string[] = [];
  beforeAll(async () => {
    const packed = await run(
      "npm",
      ["pack", "--ignore-scripts", "--json", "--pack-destination", base],
      resolve("."),
    );
    const [{ filename }] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf("[")));
    const tarball = join(base, filename);
    files = execFileSync("tar", ["tzf", tarball], { encoding: "utf8" }).split("\n");
    const install = ["install", "-g", "--prefix", prefix, "--no-audit", "--no-fund", tarball];
    const { code, stderr } = await run("npm", install, base);
    expect(stderr).not.toMatch(/allow-scripts|gyp/);
    expect(code).toBe(0);
    mkdirSync(shop);
    execFileSync("git", ["init", "-q"], { cwd: shop });
  });
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  test("it holds no cache of the machine that packed it", () => {
    expect(files).toContain("package/dist/mail.cjs");
    expect(files.filter((path) => path.includes("dist/compiled"))).toEqual([]);
    expect(files.filter((file) => /\.cjs\.|\.part$|node_modules/.test(file))).toEqual([]);
  });

  test("it names the licences of the packages inside the bundle", () => {
    const text = readFileSync(join(prefix, "lib/node_modules/overture/dist/LICENCES.txt"), "utf8");
    for (const name of ["commander", "execa", "chokidar", "kleur", "yaml", "zod"]) {
      expect(text).toMatch(new RegExp(`^${name} \\d.*\\(`, "m"));
    }
  });

  test("SQLite is the version that the tests ran", () => {
    const inside = join(prefix, "lib/node_modules/overture/node_modules/better-sqlite3");
    const versionOf = (folder: string) =>
      JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version;
    expect(versionOf(inside)).toBe(versionOf("node_modules/better-sqlite3"));
  });

  test("a message is stored and read", async () => {
    const env = { ...process.env, PATH: `${join(prefix, "bin")}:${process.env.PATH}` };
    expect((await run(ov, ["init"], shop, env)).code).toBe(0);
    const send = ["mail", "send", "--to", "orchestrator", "--subject", "Hi", "--body", "there"];
    expect((await run(ov, send, shop, env)).stdout).toMatch(/^msg-\w+ stored/);
    expect((await run(ov, ["mail", "check"], shop, env)).stdout).toContain("Subject: Hi");
  });

  test("it says how it was installed, and what brings a newer one", async () => {
    const { stdout } = await run(ov, ["--version", "--verbose", "--json"], shop);
    const { kind, home, update } = JSON.parse(stdout);
    expect([kind, home]).toEqual(["package", join(prefix, "lib/node_modules/overture")]);
    expect(update).not.toContain("npm install -g overture");
  });

  test("where its SQLite has no binary that runs, it says so, and a failed init leaves nothing", async () => {
    const copy = join(base, "copy");
    cpSync(join(prefix, "lib/node_modules/overture"), copy, { recursive: true });
    const binaries = join(copy, "node_modules/better-sqlite3/prebuilds");
    rmSync(binaries, { recursive: true });
    const folder = join(base, "other");
    mkdirSync(folder);
    execFileSync("git", ["init", "-q"], { cwd: folder });
    const { code, stderr } = await run(join(copy, "bin/ov"), ["init"], folder);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^ov: better-sqlite3 has no binary that runs here/);
    expect(stderr).toContain("npx node-gyp rebuild");
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(existsSync(join(folder, ".overture"))).toBe(false);
  });
});

test("no hint of ours installs a package of the npm registry that is not ours", () => {
  const texts = readdirSync("dist", { recursive: true, encoding: "utf8" })
    .filter((name) => /\.[cm]js$/.test(name))
    .map((name) => readFileSync(join("dist", name), "utf8"));
  expect(texts.length).toBeGreaterThan(10);
  expect(texts.filter((text) => text.includes("npm install -g overture"))).toEqual([]);
});

describe("a checkout on a machine whose Node is too old", () => {
  const base = mkdtempSync(join(tmpdir(), "ov-checkout-"));
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  test("its programs use the private Node that setup brought", async () => {
    mkdirSync(join(base, "bin"));
    mkdirSync(join(base, ".node", "bin"), { recursive: true });
    for (const part of ["dist", "package.json", "templates", "node_modules"]) {
      symlinkSync(resolve(part), join(base, part));
    }
    cpSync("bin/ov", join(base, "bin/ov"));
    symlinkSync(process.execPath, join(base, ".node/bin/node"));
    const old = join(base, "old");
    mkdirSync(old);
    writeFileSync(join(old, "node"), "#!/bin/sh\necho old Node >&2\nexit 1\n", { mode: 0o755 });
    const env = { ...process.env, PATH: `${old}:/usr/bin:/bin` };
    const { code, stdout } = await run(join(base, "bin/ov"), ["mail", "--help"], base, env);
    expect(code).toBe(0);
    expect(stdout).toContain("send");
  });
});

describe("ov uninstall", () => {
  const room = new TeamRoom();
  afterAll(() => room.close());
  const settings = join(room.root, ".claude", "settings.local.json");
  const before = '{\n  "model": "opus",\n  "hooks": {}\n}\n';

  test("ends what runs and takes out every hook; messages, worktrees and branches stay", async () => {
    mkdirSync(dirname(settings));
    writeFileSync(settings, before);
    await room.json("hooks", "install");
    await room.json("hooks", "install", "--mcp");
    await room.json("sling", "t-1", "--name", "bo", "--prompt", "RUN: touch x");
    await room.becomes("bo", "idle");
    await room.json("up");
    await room.json("mail", "send", "--to", "bo", "--subject", "Hi", "--body", "there");
    const told = await room.json("uninstall");
    expect(told.stopped).toEqual(["bo"]);
    expect(told.carrier).toEqual(expect.any(Number));
    expect(told.removed.map(({ path }: { path: string }) => path)).toEqual([
      settings,
      join(room.root, ".mcp.json"),
    ]);
    expect(readFileSync(settings, "utf8")).not.toContain("mail check");
    expect(JSON.parse(readFileSync(settings, "utf8")).model).toBe("opus");
    expect(existsSync(join(room.root, ".mcp.json"))).toBe(false);
    const worktree = join(room.root, ".overture/worktrees/bo");
    expect(told.stays.worktrees).toEqual([
      { agent: "bo", path: worktree, branch: "ov/bo/t-1", merged: true, dirty: ["x"] },
    ]);
    expect(existsSync(worktree)).toBe(true);
    const { messages } = await room.json("mail", "list", "--to", "bo");
    expect(messages).toHaveLength(1);
    await until(
      "no process of the project",
      () =>
        execFileSync("ps", ["-eo", "args="], { encoding: "utf8" })
          .split("\n")
          .filter((line) => line.includes(room.base)),
      (lines) => lines.length === 0,
    );
  });

  test("a second time it has nothing to do, and says so", async () => {
    const { stdout, code } = await room.ov(["uninstall"]);
    expect(code).toBe(0);
    expect(stdout).toContain("no settings file of this project has entries of ours");
  });
});
