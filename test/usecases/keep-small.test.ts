import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cutLog } from "../../src/adapters/logs.ts";
import { openStore } from "../../src/adapters/sqlite/store.ts";
import { RETENTION, type Retention } from "../../src/domain/retention.ts";
import type { Store } from "../../src/ports/store.ts";
import { retentionDuty } from "../../src/usecases/keep-small.ts";
import { NO_LIMITS, sendMail } from "../../src/usecases/send-mail.ts";

const DAY_MS = 86_400_000;
let dir: string;
let store: Store;
let clock: number;

beforeEach(() => {
  const rooms = process.env.OV_TEST_ROOMS ?? tmpdir();
  mkdirSync(rooms, { recursive: true });
  dir = mkdtempSync(join(rooms, "small-"));
  clock = 1_800_000_000_000;
  store = openStore(join(dir, "a.db"), { now: () => clock });
});
afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true, force: true });
});

const duty = (retention: Partial<Retention> = {}) =>
  retentionDuty({
    store,
    now: () => clock,
    retention: { ...RETENTION, ...retention },
    shortenLogs: (bytes) => cutLog(join(dir, "hooks.log"), bytes),
  });
const send = (expiresAt?: number) =>
  sendMail(
    store,
    {
      ...{ sender: "bo", to: "orchestrator", subject: "s", body: "b", payload: null },
      ...{ type: "status" as const, priority: "normal" as const, expiresAt },
    },
    NO_LIMITS,
  ).message.id;
const kinds = () => store.events.find({ limit: 10_000 }).map(({ kind }) => kind);

test("old events of messages and hooks go, and no other event and no message", () => {
  const id = send();
  store.events.add("hook.log", { agent: "bo" });
  store.events.add("run.started", {});
  store.events.add("session.transcript", { agent: "bo" });
  clock += 181 * DAY_MS;
  const fresh = send();
  duty().look();
  expect(kinds().filter((kind) => /^(mail|hook)\./.test(kind))).toEqual(["mail.sent"]);
  expect(kinds()).toEqual(expect.arrayContaining(["run.started", "session.transcript"]));
  expect([store.mail.get(id), store.mail.get(fresh)]).not.toContain(undefined);
});

test("many go in parts, one at each look, and then none for a day", () => {
  for (let n = 0; n < 4_500; n++) store.events.add("hook.log", { agent: "bo" });
  clock += 181 * DAY_MS;
  const { look } = duty();
  const left = () => kinds().filter((kind) => kind === "hook.log").length;
  const seen = [1, 2, 3].map(() => {
    look();
    return left();
  });
  expect(seen).toEqual([2_500, 500, 0]);
  store.events.add("hook.log", { agent: "bo" });
  clock += DAY_MS - 1;
  look();
  expect(left()).toBe(1);
});

test("dead messages go only where the settings say so, and only those that nobody else has", () => {
  const dead = send(clock + 1);
  const unread = send();
  clock += 2;
  store.mail.expire(clock);
  clock += 400 * DAY_MS;
  duty().look();
  expect(store.mail.get(dead)).toBeDefined();
  duty({ dead: 30 }).look();
  expect(store.mail.get(dead)).toBeUndefined();
  expect(store.mail.get(unread)).toBeDefined();
});

test("a log keeps its newest end", () => {
  writeFileSync(join(dir, "hooks.log"), `${"old".repeat(500_000)}newest`);
  duty({ logs: 1 }).look();
  expect(statSync(join(dir, "hooks.log")).size).toBe(1_000_000);
});
