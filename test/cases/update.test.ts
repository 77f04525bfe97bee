import { spawn } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join, resolve } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Result, TeamRoom, until } from "../team-room.ts";

const room = new TeamRoom();
afterAll(() => room.close());

const next = join(room.base, "next");
beforeAll(async () => {
  mkdirSync(next);
  cpSync("bin", join(next, "bin"), { recursive: true });
  for (const part of ["package.json", "templates", "node_modules", "docs"]) {
    symlinkSync(resolve(part), join(next, part));
  }
  await build(join(next, "dist"));
});

/** A newer Overture: this one, with one migration more. */
async function build(dist: string): Promise<void> {
  const { bundle } = await import(resolve("scripts/bundle.mjs"));
  const addMigration = {
    name: "one-more-migration",
    setup({ onLoad }: import("esbuild").PluginBuild) {
      onLoad({ filter: /sqlite\/migrations\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, "utf8");
        const more = text.replace(/\];\s*$/, "`ALTER TABLE agents ADD COLUMN next TEXT`,\n];\n");
        expect(more).not.toBe(text);
        return { contents: more, loader: "ts" };
      });
    },
  };
  await bundle(dist, [addMigration]);
}

const newer = (...args: string[]): Promise<Result> =>
  room.ov(args, { program: join(next, "bin", "ov") });
const send = (run: (...args: string[]) => Promise<Result>, subject: string) =>
  run("mail", "send", "--to", "bo", "--from", "ann", "--subject", subject, "--body", "b");
const old = (...args: string[]) => room.ov(args);

const file = join(room.root, ".overture", "overture.db");
const folder = join(room.root, ".git", "overture", "root", "backup");
const subjects = (path: string) => {
  const db = new Database(path, { readonly: true });
  try {
    return db
      .prepare("SELECT subject FROM messages WHERE sender = 'ann' ORDER BY id")
      .pluck()
      .all();
  } finally {
    db.close();
  }
};

describe("an update under a running team", () => {
  const team = new TeamRoom();
  afterAll(async () => {
    // The room is closed by this Overture, which opens the store as it was before.
    await team.ov(["doctor", "--category", "store", "--fix"]);
    await team.close();
  });
  const home = join(team.base, "installed");
  const ov = join(home, "bin", "ov");
  const call = (...args: string[]) => team.ov(args, { program: ov });
  const json = async (...args: string[]) => JSON.parse((await call(...args, "--json")).stdout);
  const carrier = async () => (await json("status")).carrier?.pid as number | undefined;

  test("the old carrier ends with a word, the new one takes over, and every message arrives once", async () => {
    mkdirSync(home);
    cpSync("bin", join(home, "bin"), { recursive: true });
    cpSync("dist", join(home, "dist"), { recursive: true });
    for (const part of ["package.json", "templates", "node_modules", "docs"]) {
      symlinkSync(resolve(part), join(home, part));
    }
    await json("sling", "t", "--name", "bo", "--prompt", "begin");
    await json("up");
    const old = await carrier();
    expect(old).toEqual(expect.any(Number));
    const ids: string[] = [];
    const sendOne = async () => {
      const args = ["mail", "send", "--to", "bo", "--subject", `n-${ids.length}`, "--body", "b"];
      ids.push((await json(...args, "--wake")).id);
    };
    await sendOne();
    // The update, in place, while messages are under way.
    await build(join(home, "dist"));
    for (let n = 0; n < 3; n++) await sendOne();
    const now = await until("another carrier", carrier, (pid) => pid !== undefined && pid !== old);
    expect(now).not.toBe(old);
    await sendOne();
    await until(
      "every message seen",
      async () => (await json("mail", "list", "--to", "bo", "--unread")).messages.length,
      (left) => left === 0,
    );
    for (const n of ids.keys()) expect(team.reached("bo", `Subject: n-${n}\n`), `n-${n}`).toBe(1);
    const { events } = await json("feed", "--limit", "200");
    const ends = events.filter(({ kind }: { kind: string }) => kind === "carrier.ended");
    expect(JSON.stringify(ends)).toMatch(/a newer Overture has changed the store|was updated/);
    await call("down");
    await call("stop", "--all");
  });

  test("ov doctor names a process of a version that was replaced", async () => {
    const watch = spawn(ov, ["watch"], { cwd: team.root, env: team.env, stdio: "ignore" });
    const ended = new Promise((done) => watch.once("exit", done));
    const pid = await until("a carrier", carrier, (found) => found !== undefined);
    const old = async () => {
      const { stdout } = await team.ov(["doctor", "--category", "orphans", "--json"], {
        program: join(next, "bin", "ov"),
      });
      return JSON.parse(stdout).findings.filter(({ id }: { id: string }) => id === "processes-old");
    };
    // The other installation has the same program, until it is updated.
    expect(await old()).toEqual([]);
    appendFileSync(join(next, "dist", "main.mjs"), "// another version\n");
    expect(await old()).toMatchObject([{ what: expect.stringContaining(`process ${pid}`) }]);
    watch.kill("SIGTERM");
    await ended;
  });
});

describe("a newer Overture beside a store that this one wrote", () => {
  test("its first call keeps a private copy of the store as it was, then changes it", async () => {
    // The name is known once it has written.
    await room.json(
      "mail",
      "send",
      "--from",
      "bo",
      "--to",
      "orchestrator",
      "--subject",
      "s",
      "--body",
      "b",
    );
    expect((await send(old, "before")).code).toBe(0);
    expect(await send(newer, "after")).toMatchObject({ code: 0, stderr: "" });
    const copies = readdirSync(folder);
    expect(copies).toEqual([expect.stringMatching(/^overture\.schema-\d+\..*\.db$/)]);
    expect(statSync(join(folder, copies[0]!)).mode & 0o777).toBe(0o600);
    expect(subjects(join(folder, copies[0]!))).toEqual(["before"]);
    expect(subjects(file).toSorted()).toEqual(["after", "before"]);
    expect((await newer("status")).code).toBe(0);
    expect(readdirSync(folder)).toEqual(copies);
  });

  test("a hook of the older one takes nothing, says nothing, and does not fail", async () => {
    const hook = ["mail", "check", "--inject", "--event", "Stop", "--agent", "bo"];
    expect(await room.ov(hook)).toMatchObject({ code: 0, stdout: "" });
    const { stdout } = await newer("mail", "list", "--to", "bo", "--json");
    const states = JSON.parse(stdout).messages.map(
      ({ receipts }: { receipts: { state: string }[] }) => receipts[0]!.state,
    );
    expect(states).toEqual(["queued", "queued"]);
  });

  test("the older one refuses in one line that says what to type", async () => {
    const { code, stdout, stderr } = await old("mail", "check", "--agent", "bo");
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^ov: .* was written by a newer Overture \(schema \d+/);
    expect(stderr).toContain("ov doctor --category store");
  });

  test("going back to the older one opens the copy, and says what it lacks", async () => {
    const report = JSON.parse((await old("doctor", "--category", "store", "--json")).stdout);
    const [finding] = report.findings;
    expect(finding).toMatchObject({ id: "store-file", level: "fail", fixed: false });
    expect(finding.fix).toContain("without 1 message that was stored since");
    expect(subjects(file)).toHaveLength(2);

    const fixed = JSON.parse(
      (await old("doctor", "--category", "store", "--fix", "--json")).stdout,
    );
    expect(fixed.findings).toMatchObject([{ id: "store-file", fixed: true }]);
    expect(subjects(file)).toEqual(["before"]);
    const { stdout } = await old("mail", "check", "--agent", "bo");
    expect(stdout).toContain("Subject: before");
    const kept = readdirSync(folder).filter((name) => name.endsWith(".db"));
    const held = kept.map((name) => subjects(join(folder, name)).toSorted().join(" "));
    expect(held.toSorted()).toEqual(["after before", "before"]);
  });
});
