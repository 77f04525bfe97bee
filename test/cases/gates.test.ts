import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TOOLCHAINS } from "../../src/domain/gate.ts";
import { isAlive, TeamRoom, until } from "../team-room.ts";

let room: TeamRoom;
beforeEach(() => {
  room = new TeamRoom();
  const tree = join(room.base, "tree");
  room.git("worktree", "add", "-q", "-b", "ov/bo/t-1", tree);
  writeFileSync(join(tree, "work.txt"), "work\n");
  room.git("-C", tree, "add", "work.txt");
  room.git("-C", tree, "commit", "-qm", "work");
});
afterEach(() => room.close());

/** A person's shell: what a gate needs, and what it must not see. */
const CALLER = {
  ANTHROPIC_API_KEY: "secret-1",
  NODE_AUTH_TOKEN: "secret-2",
  npm_config_registry: "https://ann:secret-3@registry.example.org/",
  SHOP_MODE: "secret-4",
  GOFLAGS: "-mod=mod",
  https_proxy: "http://proxy.example.org:1",
  LC_ALL: "C",
  OV_AGENT: "",
};

const merge = (env: object = {}) =>
  room.ov(["merge", "--branch", "ov/bo/t-1"], { env: { ...CALLER, ...env } });
const mergeJson = async () =>
  JSON.parse((await room.ov(["merge", "--branch", "ov/bo/t-1", "--json"], { env: CALLER })).stdout);
const tip = () => room.git("rev-parse", "main").trim();
const gates = (settings: string) => room.configure(`merge:\n${settings}`);
const seen = () => readFileSync(join(room.base, "seen"), "utf8");
const printsEnv = () => `  gates: ['env >"$HOME/seen"']\n`;

describe("a gate", () => {
  test("that prints its environment shows what builds need, and no key of the person", async () => {
    gates(printsEnv());
    expect(await merge()).toMatchObject({ code: 0 });
    expect(seen()).toMatch(/^PATH=/m);
    expect(seen()).toContain(`HOME=${room.base}\n`);
    for (const line of ["GOFLAGS=-mod=mod", "https_proxy=http", "LC_ALL=C", "CI=true"]) {
      expect(seen()).toContain(line);
    }
    expect(seen()).not.toMatch(/secret-|OV_AGENT/);
  });

  test("has what merge.env names, by its name or its beginning", async () => {
    gates(`${printsEnv()}  env: [SHOP_*, NODE_AUTH_TOKEN]\n`);
    expect(await merge()).toMatchObject({ code: 0 });
    expect(seen()).toContain("SHOP_MODE=secret-4");
    expect(seen()).toContain("NODE_AUTH_TOKEN=secret-2");
    expect(seen()).not.toMatch(/secret-[13]/);
  });

  test("is set up by commands that see no more than it does", async () => {
    const run = `worktree:\n  run: ['env >"$HOME/seen"']\n`;
    room.configure(`merge:\n  gates: ["true"]\n${run}`);
    expect(await merge()).toMatchObject({ code: 0 });
    expect(seen()).not.toContain("secret-");
  });

  test("that fails says by name what it was not given", async () => {
    gates("  gates: ['test -n \"$ANTHROPIC_API_KEY\"']\n");
    const before = tip();
    const { code, stdout, stderr } = await merge();
    expect(code).toBe(1);
    expect(tip()).toBe(before);
    expect(stdout).toMatch(/not given to it: .*\bANTHROPIC_API_KEY, NODE_AUTH_TOKEN/);
    const [{ gate }] = (await mergeJson()).outcomes;
    for (const name of ["npm_config_registry", "SHOP_MODE"]) expect(gate.withheld).toContain(name);
    expect(gate.withheld.indexOf("SHOP_MODE")).toBeGreaterThan(3);
    expect(stdout).toContain("merge.env");
    expect(stdout + stderr).not.toContain("secret-");
  });

  test("that does not end is ended with all that it started, and the refusal says so", async () => {
    const child = join(room.base, "child");
    const loop = `trap "" TERM; sh -c 'echo $$ >"${child}"; exec sleep 600' & wait; sleep 600`;
    gates(`  gates:\n    - ${JSON.stringify(loop)}\n  gateMinutes: 0.03\n`);
    const before = tip();
    const { code, stdout } = await merge();
    expect(code).toBe(1);
    expect(stdout).toMatch(/did not end within 0\.03 minutes.*merge\.gateMinutes/);
    expect(tip()).toBe(before);
    await until(
      "its end",
      () => isAlive(Number(readFileSync(child, "utf8"))),
      (is) => !is,
      10_000,
    );
  });

  test("ends with the merge that a person ends", async () => {
    const child = join(room.base, "child");
    gates(`  gates:\n    - ${JSON.stringify(`echo $$ >"${child}"; exec sleep 600`)}\n`);
    const merging = room.start(["merge", "--branch", "ov/bo/t-1"]);
    await until("the gate", () => existsSync(child) && readFileSync(child, "utf8"), Boolean);
    const ended = new Promise((done) => merging.once("exit", (_, signal) => done(signal)));
    merging.kill("SIGINT");
    expect(await ended).toBe("SIGINT");
    await until(
      "its end",
      () => isAlive(Number(readFileSync(child, "utf8"))),
      (is) => !is,
      10_000,
    );
    rmSync(child);
  });
});

test("ov doctor names keys that gates no longer get, until merge.env is set", async () => {
  gates(`  gates: ["true"]\n`);
  const doctor = async () =>
    (await room.ov(["doctor", "--category", "config"], { env: CALLER })).stdout;
  const found = await doctor();
  expect(found).toMatch(/gates/);
  expect(found).toContain("ANTHROPIC_API_KEY");
  expect(found).not.toMatch(/SHOP_MODE|secret-/);
  gates(`  gates: ["true"]\n  env: []\n`);
  expect(await doctor()).not.toContain("ANTHROPIC_API_KEY");
});

test("docs/merge.md has every variable of the list", () => {
  const docs = readFileSync("docs/merge.md", "utf8");
  for (const [of, names] of Object.entries(TOOLCHAINS)) {
    expect(docs).toContain(`| ${of} | ${names.map((name) => `\`${name}\``).join(" ")} |`);
  }
});
