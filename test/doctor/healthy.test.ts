import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CATEGORIES } from "../../src/domain/finding.ts";
import { CHECKS } from "../../src/usecases/doctor/checks.ts";
import { send } from "../cli/post.ts";
import { TeamRoom, until } from "../team-room.ts";
import { examine, idsOf } from "./ward.ts";

const room = new TeamRoom();
beforeAll(async () => {
  await room.ov(["sling", "t-1", "--name", "bo", "--prompt", "begin"]);
  await room.becomes("bo", "idle");
  await room.ov(["sling", "t-2", "--name", "cy", "--prompt", "begin"]);
  await room.becomes("cy", "idle");
  await room.ov(["stop", "cy"]);
  await room.ov(["hooks", "install"]);
  await send(room, { to: "orchestrator", body: "unread" });
  const id = await send(room, { to: "bo", from: "cy", body: "hello", wake: true });
  const seen = async () => (await room.receipt(id, "bo")).state;
  await until("the letter", seen, (state) => state === "seen");
});
afterAll(() => room.close());

const all = Object.values(CHECKS).flatMap((rows) => rows.map(({ id }) => id));

describe("a project in which agents work", () => {
  test("has no finding, and every check has looked", async () => {
    const { code, findings, checks } = await examine(room);
    expect(findings).toEqual([]);
    expect(checks.filter(({ level }) => level !== "ok")).toEqual([]);
    expect(checks.map(({ id }) => id)).toEqual(all);
    expect(code).toBe(0);
  });

  test("is not changed by a look, and nothing is left of it", async () => {
    const before = {
      mail: await room.json("mail", "list"),
      panes: room.tmux("list-panes", "-a"),
      trials: trials(),
    };
    await examine(room, ["--fix"], { TMPDIR: room.base });
    expect({
      mail: await room.json("mail", "list"),
      panes: room.tmux("list-panes", "-a"),
      trials: trials(),
    }).toEqual(before);
  });

  test("is told in a line for each category, and a sum", async () => {
    const { stdout } = await room.ov(["doctor"]);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.map((line) => line.split(/ +/)[1])).toEqual([
      ...Object.keys(CATEGORIES),
      "checks:",
    ]);
    expect(lines.at(-1)).toBe(`${all.length} checks: all well`);
  });
});

const trials = () => readdirSync(room.base).toSorted();

test("ids of checks are told once each", () => {
  expect(new Set(all).size).toBe(all.length);
});

test("one category asks its own checks only", async () => {
  const { checks } = await examine(room, ["--category", "config"]);
  expect(checks.map(({ id }) => id)).toEqual(CHECKS.config.map(({ id }) => id));
});

test("an unknown category is wrong usage, with the ones that exist", async () => {
  const { code, stderr } = await room.ov(["doctor", "--category", "hook"]);
  expect([code, stderr]).toEqual([64, expect.stringMatching(/did you mean "hooks"\?.*orphans/)]);
});

test("outside of a project the machine is looked at, and ov init is named", async () => {
  const { code, stdout } = await room.ov(["doctor", "--json"], { env: { OV_ROOT: room.base } });
  const report = { code, ...JSON.parse(stdout) };
  expect(idsOf(report)).toEqual(["project"]);
  expect(report.findings[0]).toMatchObject({
    level: "warn",
    fix: expect.stringContaining("ov init"),
  });
  const looked = report.checks.filter(({ level }: { level: string }) => level !== "skipped");
  expect(looked.map(({ category }: { category: string }) => category)).toEqual(
    expect.arrayContaining(["dependencies", "tmux"]),
  );
  expect(code).toBe(0);
});
