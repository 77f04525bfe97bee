import { once } from "node:events";
import { copyFileSync, existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TeamRoom, until } from "../team-room.ts";

let room: TeamRoom;
beforeEach(() => {
  room = new TeamRoom();
});
afterEach(() => room.close());

const store = () => join(room.root, ".overture", "overture.db");
const kept = () => join(room.base, "kept.db");
const files = ["", "-wal", "-shm"];

test.each([
  ["is removed", () => undefined],
  ["is put back from a copy", () => copyFileSync(kept(), store())],
])("a carrier whose store %s ends with a word, and writes to no lost file", async (_, after) => {
  copyFileSync(store(), kept());
  const carrier = room.start(["watch"]);
  let said = "";
  for (const stream of [carrier.stdout, carrier.stderr]) {
    stream!.on("data", (chunk) => (said += chunk));
  }
  await until(
    "carrying",
    () => room.dispatcher()?.pid,
    (pid) => pid === carrier.pid,
  );
  for (const end of files) {
    if (existsSync(store() + end)) renameSync(store() + end, `${kept()}.old${end}`);
  }
  after();
  const [code] = await once(carrier, "exit");
  expect([code, said]).toEqual([1, expect.stringContaining("its store was removed or replaced")]);
  if (existsSync(store())) {
    expect((await room.json("status")).carrier).toBeNull();
    await room.json("up");
    await room.json("down");
  } else copyFileSync(kept(), store());
  rmSync(kept());
});

test("an empty store beside a team that works harms none of it, whatever is mended and cleaned", async () => {
  await room.json("sling", "t-1", "--name", "bo", "--prompt", "begin");
  await room.becomes("bo", "idle");
  const worktree = join(room.root, ".overture", "worktrees", "bo");
  const [pane] = room.tmux("list-panes", "-t", "=bo:", "-F", "#{pane_pid}").trim().split("\n");
  for (const end of files) rmSync(store() + end, { force: true });
  await room.json("init", "--force");
  room.configure("");

  const { stdout } = await room.ov(["doctor", "--fix", "--json"]);
  const left = JSON.parse(stdout).findings.find(
    ({ id }: { id: string }) => id === "worktrees-left",
  );
  expect(left).toMatchObject({
    fixed: false,
    evidence: expect.stringMatching(/process \d+ \(.+\)/),
  });
  const clean = await room.ov(["worktree", "clean", "bo"]);
  expect([clean.code, clean.stdout]).toEqual([1, expect.stringContaining("somebody works there")]);
  expect(existsSync(join(worktree, "README.md"))).toBe(true);
  expect(room.tmux("list-panes", "-t", "=bo:", "-F", "#{pane_pid}").trim()).toBe(pane);
  room.tmux("kill-session", "-t", "=bo");
});
