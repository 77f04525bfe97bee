import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BELL_SCRIPT, bell, endBell, takeBack } from "../../src/adapters/runtimes/bell.ts";
import type { Session } from "../../src/domain/agent.ts";

let dir: string;
let session: Session;
beforeEach(() => {
  const rooms = process.env.OV_TEST_ROOMS ?? tmpdir();
  mkdirSync(rooms, { recursive: true });
  dir = mkdtempSync(join(rooms, "bell-"));
  session = { dir } as Session;
  writeFileSync(join(dir, "bell.sh"), BELL_SCRIPT);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const { ring, fits, leave, call } = bell();
const give = (text: string) => call(session, leave(session, text));
const left = () => readdirSync(dir).filter((name) => name.startsWith("ring-"));
const isThere = () => vi.waitFor(() => expect(fits(session, "")).toBe(true));

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
  await isThere();
  await vi.waitFor(() => expect(give("one")).toBe(true));
  expect(await waiter).toEqual({ code: 2, said: "one" });
  const next = wait();
  await vi.waitFor(() => expect(give("two")).toBe(true));
  expect(await next).toEqual({ code: 2, said: "two" });
  expect(readFileSync(join(dir, "heard"), "utf8")).toBe("onetwo");
});

test("who rings once more before the waiter has read does not change what it says", async () => {
  const waiter = wait();
  await isThere();
  await vi.waitFor(() => expect(give("one")).toBe(true));
  give("two");
  expect(await waiter).toEqual({ code: 2, said: "one" });
});

test("nobody behind the bell: it says so, and leaves nothing", () => {
  expect(give("one")).toBe(false);
  expect(ring(session, "one")).toBe(false);
  expect(readdirSync(dir)).toEqual(["bell.sh"]);
});

test("what was left is taken back until a waiter has it, and not after", async () => {
  const waiter = wait();
  await isThere();
  const name = leave(session, "one");
  expect(takeBack(dir, "one")).toBe(true);
  expect(left()).toEqual([]);
  // The waiter finds nothing under this name, and waits on.
  await vi.waitFor(() => expect(call(session, name)).toBe(true));
  await vi.waitFor(() => expect(give("two")).toBe(true));
  expect(await waiter).toEqual({ code: 2, said: "two" });
  expect(takeBack(dir, "two")).toBe(false);
  expect(takeBack(dir, "one")).toBe(true);
});

test("an older ring with the same letter does not hide that it was heard", async () => {
  leave(session, "one");
  const waiter = wait();
  await isThere();
  await vi.waitFor(() => expect(give("one")).toBe(true));
  await waiter;
  expect(takeBack(dir, "one")).toBe(false);
});

test("a waiter is let go in silence, and a folder that is gone is no error", async () => {
  const waiter = wait();
  await isThere();
  // It may not have opened its bell yet.
  const again = setInterval(() => endBell(dir), 10);
  expect(await waiter).toEqual({ code: 0, said: "" });
  clearInterval(again);
  rmSync(dir, { recursive: true });
  endBell(dir);
  expect(takeBack(dir, "one")).toBe(true);
});
