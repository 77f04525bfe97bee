import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BELL_SCRIPT, hasBell, ringBell } from "../../src/adapters/runtimes/bell.ts";

let dir: string;
beforeEach(() => {
  const rooms = process.env.OV_TEST_ROOMS ?? tmpdir();
  mkdirSync(rooms, { recursive: true });
  dir = mkdtempSync(join(rooms, "bell-"));
  writeFileSync(join(dir, "bell.sh"), BELL_SCRIPT);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const wait = () => {
  const child = spawn("sh", [join(dir, "bell.sh"), dir], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  return new Promise<{ code: number | null; said: string }>((done) =>
    child.once("close", (code) => done({ code, said })),
  );
};

test("a waiter says what was left for it, and heard keeps it", async () => {
  const waiter = wait();
  await vi.waitFor(() => expect(hasBell(dir)).toBe(true));
  await vi.waitFor(() => expect(ringBell(dir, "letters", "one")).toBe(true));
  expect(await waiter).toEqual({ code: 2, said: "one" });
  const next = wait();
  await vi.waitFor(() => expect(ringBell(dir, "letters", "two")).toBe(true));
  expect(await next).toEqual({ code: 2, said: "two" });
  expect(readFileSync(join(dir, "heard"), "utf8")).toBe("onetwo");
});

test("who rings once more before the waiter has read does not change what it says", async () => {
  const waiter = wait();
  await vi.waitFor(() => expect(hasBell(dir)).toBe(true));
  await vi.waitFor(() => expect(ringBell(dir, "letters", "one")).toBe(true));
  ringBell(dir, "letters", "two");
  expect(await waiter).toEqual({ code: 2, said: "one" });
});

test("nobody behind the bell: it says so, and leaves nothing", () => {
  expect(ringBell(dir, "letters", "one")).toBe(false);
  expect(readdirSync(dir)).toEqual(["bell.sh"]);
});
