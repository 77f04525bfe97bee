import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStore } from "../../src/adapters/sqlite/store.ts";
import type { Store } from "../../src/ports/store.ts";
import { NO_LIMITS, sendMail } from "../../src/usecases/send-mail.ts";

const HOUR = 3_600_000;
let dir: string;
let store: Store;
let clock: number;
beforeEach(() => {
  const rooms = process.env.OV_TEST_ROOMS ?? tmpdir();
  mkdirSync(rooms, { recursive: true });
  dir = mkdtempSync(join(rooms, "clock-"));
  clock = 1_800_000_000_000;
  store = openStore(join(dir, "a.db"), { now: () => clock });
  store.agents.put({ name: "bo", kind: "local", role: "builder" });
});
afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true, force: true });
});

const send = (sender = "al", limits = NO_LIMITS) => {
  const letter = { to: "bo", type: "status", subject: "s", body: "b", wake: true } as const;
  return sendMail(
    store,
    { ...letter, sender, by: sender, payload: null, priority: "normal" },
    limits,
  ).message;
};

test("a lease from before the clock was set back is nobody's", () => {
  expect(store.leases.take("door", "one", clock + 30_000)).toBe(true);
  expect(store.leases.take("door", "two", clock + 30_000)).toBe(false);
  clock -= HOUR;
  expect(store.leases.holder("door")).toBeUndefined();
  expect(store.leases.take("door", "two", clock + 30_000)).toBe(true);
});

test("a letter held before the clock was set back is tried at once", () => {
  const { seq } = send();
  store.mail.hold("bo", [seq], "human_draft", clock + 1_000);
  expect(store.mail.wakeable("bo", clock)).toEqual([]);
  clock -= HOUR;
  expect(store.mail.wakeable("bo", clock)).toHaveLength(1);
});

test("letters from before the clock was set back are no storm", () => {
  const limits = { perMinute: 2, perPair: 2 };
  send("al", limits);
  send("al", limits);
  expect(() => send("al", limits)).toThrow("within a minute");
  clock -= HOUR;
  expect(send("al", limits).subject).toBe("s");
});
