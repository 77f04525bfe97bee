import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { flags } from "../cli/post.ts";
import { TeamRoom } from "../team-room.ts";

const room = new TeamRoom();
const configure = (mail = "") =>
  writeFileSync(
    join(room.root, ".overture", "config.yaml"),
    `project:\n  name: project\ntmux:\n  socket: ov\nruntime: scripted\n${mail}`,
  );
beforeAll(async () => {
  configure();
  for (const name of ["ann", "tom"]) await room.json("agents", "add", name);
  for (const name of ["coordinator-1", "bo", "al", "busy", "mask", "herald"]) {
    await room.json("agents", "add", name, "--kind", "remote");
  }
});
afterAll(() => room.close());

/** Messages that are sent one after the other; `agent`: whose process sends them. */
async function burst(n: number, fields: Record<string, string>, agent?: string) {
  const env = agent === undefined ? {} : { OV_AGENT: agent };
  const args = ["mail", "send", ...flags({ subject: "s", body: "b", ...fields })];
  const codes: number[] = [];
  let last = "";
  for (let i = 0; i < n; i++) {
    const { code, stderr } = await room.ov(args, { env });
    codes.push(code);
    last = stderr;
  }
  return { refused: codes.filter((code) => code !== 0).length, last };
}

test("twelve messages of one coordinator in one turn go through", async () => {
  expect(await burst(12, { to: "ann" }, "coordinator-1")).toMatchObject({ refused: 0 });
});

test("a script of a person's, as of a CI job, has no limit under whatever name", async () => {
  configure("mail:\n  ratePerMinute: 4\n  pairPerTenMinutes: 4\n");
  expect(await burst(7, { to: "mask", from: "bo" })).toMatchObject({ refused: 0 });
});

test("an agent that passes its limit is told how long to wait", async () => {
  const { refused, last } = await burst(5, { to: "ann" }, "busy");
  expect(refused).toBe(1);
  expect(last).toMatch(/busy sent 4 messages within a minute; the limit is 4/);
  expect(last).toMatch(/nothing was stored; try again in \d+ s/);
});

test("an agent is counted by its process, whatever names it gives", async () => {
  configure("mail:\n  ratePerMinute: 4\n");
  for (const from of ["ann", "tom", "mask", "bo"]) {
    expect(await burst(1, { to: "herald", from }, "mask")).toMatchObject({ refused: 0 });
  }
  expect(await burst(1, { to: "herald", from: "tom" }, "mask")).toMatchObject({ refused: 1 });
  // The name that it gave is not held up by it.
  expect(await burst(1, { to: "herald" }, "bo")).toMatchObject({ refused: 0 });
});

test("the older name of the variable counts as well, and a reply does", async () => {
  const reply = async (env: object) => {
    const { id } = await room.json(
      "mail",
      "send",
      ...flags({ to: "mask", subject: "s", body: "b" }),
    );
    return (await room.ov(["mail", "reply", id, "--body", "b"], { env })).code;
  };
  expect(await reply({ OVERSTORY_AGENT_NAME: "mask" })).toBe(1);
  expect(await reply({})).toBe(0);
});

test("a message to a group counts once", async () => {
  expect(await burst(4, { to: "@all" }, "herald")).toMatchObject({ refused: 0 });
  expect(await burst(1, { to: "@all" }, "herald")).toMatchObject({ refused: 1 });
});

test("two agents that write each other without end are stopped, and a person writes on", async () => {
  configure("mail:\n  ratePerMinute: 0\n  pairPerTenMinutes: 6\n");
  for (let n = 0; n < 3; n++) {
    expect(await burst(1, { to: "bo" }, "al")).toMatchObject({ refused: 0 });
    expect(await burst(1, { to: "al" }, "bo")).toMatchObject({ refused: 0 });
  }
  const { refused, last } = await burst(1, { to: "bo", from: "mask" }, "al");
  expect([refused, last]).toEqual([1, expect.stringContaining("al and bo wrote each other 6")]);
  expect(await burst(1, { to: "bo" })).toMatchObject({ refused: 0 });
  expect(await burst(1, { to: "bo", from: "al" })).toMatchObject({ refused: 0 });
});
