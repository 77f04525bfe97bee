import { execFile } from "node:child_process";
import { expect, test } from "vitest";
import type { Played } from "./table.ts";

/** Plays a file of schedules on the product as it is built. */
const replay = (file: string) =>
  new Promise<Played[]>((done, fail) => {
    const args = ["--replay", file, "--lanes", "2", "--json"];
    execFile("scripts/chaos", args, { maxBuffer: 1 << 26 }, (_, stdout, stderr) => {
      try {
        done(JSON.parse(stdout).done);
      } catch {
        fail(new Error(stdout + stderr)); // Not even a table: the words say why.
      }
    });
  });

test("every schedule that ever failed keeps every promise", async () => {
  const played = await replay("test/chaos/failed.json");
  expect(played.length).toBeGreaterThan(0);
  expect(played.flatMap(({ verdict }) => verdict.broken)).toEqual([]);
}, 120_000);
