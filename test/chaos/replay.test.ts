import { execFile } from "node:child_process";
import { expect, test } from "vitest";
import { KITS } from "../agents/kits.ts";
import type { Played } from "./table.ts";

/** Plays a file of schedules on the product as it is built. */
const replay = (file: string, ...more: string[]) =>
  new Promise<Played[]>((done, fail) => {
    const args = ["--replay", file, "--lanes", "2", "--json", ...more];
    execFile("scripts/chaos", args, { maxBuffer: 1 << 26 }, (_, stdout, stderr) => {
      try {
        done(JSON.parse(stdout).done);
      } catch {
        fail(new Error(stdout + stderr)); // Not even a table: the words say why.
      }
    });
  });

async function keepsEveryPromise(file: string): Promise<void> {
  const played = await replay(file);
  expect(played.length).toBeGreaterThan(0);
  expect(played.flatMap(({ verdict }) => verdict.broken)).toEqual([]);
}

test("every schedule that ever failed keeps every promise", async () => {
  await keepsEveryPromise("test/chaos/failed.json");
}, 240_000);

test("what a machine does to a team breaks no promise", async () => {
  await keepsEveryPromise("test/chaos/machine.json");
}, 240_000);

test("a second program is seen where nothing refuses it", async () => {
  const played = await replay("test/chaos/machine.json", "--without", "one-program");
  const broken = played.flatMap(({ verdict }) => verdict.broken);
  expect(broken).toContainEqual(expect.stringMatching(/^second program: \d+ of .+, \d+ of /));
}, 240_000);

const isInstalled = Object.values(KITS).every((kit) => kit.installed());
test.skipIf(!isInstalled && process.env.OV_SKIP_AGENTS === "1")(
  "every schedule that failed on a real agent keeps every promise",
  async () => keepsEveryPromise("test/chaos/failed-real.json"),
  400_000,
);
