import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TeamRoom } from "../team-room.ts";

let room: TeamRoom;

beforeEach(() => {
  room = new TeamRoom();
});
afterEach(() => room.close());

/** Starts bo, which opens a permission dialog with `Yes` marked. */
async function asks(habits: object): Promise<void> {
  writeFileSync(join(room.root, "script.yaml"), JSON.stringify({ habits }));
  room.configure(`runtimes:\n  scripted:\n    args: ["--script", "${room.root}/script.yaml"]\n`);
  await room.json("sling", "t-1", "--name", "bo", "--prompt", "ASK: touch made");
  await room.becomes("bo", "waiting");
}
const made = () => existsSync(join(room.root, ".overture/worktrees/bo/made"));

test.each([
  // A second Down, after 1.5 s without an effect, would have marked Yes again below our Enter.
  [2_000, "which reads a key so late that it looks lost"],
  // Enter is looked for longer than this, and what the probe marks then comes too late to matter.
  [4_000, "which reads Enter only when a move has been asked for after it"],
])("of a program that takes %i ms for a key, %s, no other option is chosen", async (keyMs) => {
  await asks({ keyMs });
  const { option } = await room.json("answer", "bo", "2");
  expect(option).toMatch(/^No/);
  await room.becomes("bo", "idle");
  expect(made()).toBe(false);
});

test("an Enter that is dropped is pressed again, once the marker shows that it was read", async () => {
  await asks({ dialogDeafMs: 6_000 });
  await room.json("answer", "bo", "1");
  await room.becomes("bo", "idle");
  expect(made()).toBe(true);
});

test("a program that reads no key is given one, and Enter is not pressed", async () => {
  await asks({ keyMs: 600_000 });
  const { code, stderr } = await room.ov(["answer", "bo", "2"]);
  expect([code, stderr]).toEqual([5, expect.stringContaining("does not show what a key did")]);
  expect(await room.state("bo")).toBe("waiting");
});
