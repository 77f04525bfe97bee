import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Result, TeamRoom } from "../team-room.ts";

const room = new TeamRoom();
afterAll(() => room.close());

const next = join(room.base, "next");
/** A newer Overture: this one, with one migration more. */
beforeAll(async () => {
  const { bundle } = await import(resolve("scripts/bundle.mjs"));
  mkdirSync(next);
  cpSync("bin", join(next, "bin"), { recursive: true });
  for (const part of ["package.json", "templates", "node_modules", "docs"]) {
    symlinkSync(resolve(part), join(next, part));
  }
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
  await bundle(join(next, "dist"), [addMigration]);
});

const newer = (...args: string[]): Promise<Result> =>
  room.ov(args, { program: join(next, "bin", "ov") });
const send = (run: (...args: string[]) => Promise<Result>, subject: string) =>
  run("mail", "send", "--to", "bo", "--from", "ann", "--subject", subject, "--body", "b");
const old = (...args: string[]) => room.ov(args);

const file = join(room.root, ".overture", "overture.db");
const folder = join(room.root, ".overture", "backup");
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
    expect(kept).toHaveLength(1);
    expect(subjects(join(folder, kept[0]!)).toSorted()).toEqual(["after", "before"]);
  });
});
