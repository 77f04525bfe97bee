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
