import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TeamRoom } from "../team-room.ts";

let room: TeamRoom;
let other: TeamRoom;
beforeEach(() => {
  room = new TeamRoom();
  // Both settings name the same tmux server.
  other = new TeamRoom({ env: { TMUX_TMPDIR: room.base } });
});
afterEach(async () => {
  await other.close();
  await room.close();
});

const pidOf = (agent: string) => Number(readFileSync(join(room.session(agent), "pid"), "utf8"));
const lives = (pid: number) => existsSync(`/proc/${pid}`);

test("two projects on one tmux server: neither takes, closes or repairs away a pane of the other", async () => {
  await room.json("sling", "t-1", "--name", "bob", "--prompt", "hello");
  await room.becomes("bob", "idle");
  const pid = pidOf("bob");
  const { code, stderr } = await other.ov(["sling", "t-1", "--name", "bob", "--prompt", "hi"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/server ov has a session bob that is not of this project\n.*tmux\.socket/);
  expect(existsSync(join(other.root, ".overture/worktrees/bob"))).toBe(false);
  expect(other.git("branch", "--list", "ov/*")).toBe("");

  await other.json("sling", "t-2", "--name", "eve", "--prompt", "hi");
  await other.ov(["doctor", "--fix"]);
  await other.json("stop", "--all");
  expect(lives(pid)).toBe(true);
  expect(await room.state("bob")).toBe("idle");
});

test("the carrier of a second project on the server is refused, and the first one carries on", async () => {
  await room.json("up");
  const { code, stderr } = await other.ov(["up"]);
  expect([code, stderr]).toEqual([1, expect.stringContaining("is not of this project")]);
  expect((await room.json("status")).carrier).toMatchObject({ pid: expect.any(Number) });
  await room.json("down");
});
