import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { TeamRoom } from "../team-room.ts";
import { readHelp } from "./help-page.ts";
import { NOT_YET, OVERSTORY } from "./overstory.ts";

let room: TeamRoom;
let id: string;
beforeAll(async () => {
  room = new TeamRoom();
  const letter = ["--to", "orchestrator", "--from", "bo", "--subject", "s", "--body", "b"];
  id = (await room.json("mail", "send", ...letter)).id;
});
// `init --force` writes the config anew.
beforeEach(() => room.configure(""));
afterAll(() => room.close());

const withFlags = OVERSTORY.filter(({ flags }) => flags.length > 0);

test.each(withFlags)("each flag of $verb is in one of its calls", ({ flags, calls }) => {
  const words = calls.flatMap((call) => call.split(" "));
  expect(flags.filter((flag) => !words.includes(flag))).toEqual([]);
});

test.each(withFlags)("the help of $verb lists each of its flags", async ({ verb, flags }) => {
  const { stdout } = await room.ov([...verb.split(" "), "--help"]);
  const listed = readHelp(stdout).options.flatMap(({ term }) => term.match(/--[a-z-]+/g));
  expect(flags.filter((flag) => !listed.includes(flag))).toEqual([]);
});

const calls = OVERSTORY.flatMap((row) => row.calls);

test.each(calls)("a script may call: ov %s", async (call) => {
  const args = call.replace("$ID", id).split(" ");
  const { code, stderr } = await room.ov(args, { input: "text from stdin" });
  expect([stderr, code]).toEqual(["", 0]);
});

test.each(NOT_YET)("not built yet: ov %s", async (call) => {
  const { code, stdout, stderr } = await room.ov(call.split(" "));
  expect(stdout + stderr).toContain("unknown command");
  expect(code).toBe(64);
});
