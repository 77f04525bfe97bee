import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TeamRoom, until } from "../team-room.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * Every Node of the room reads its clock through this: real processes on a machine whose clock is
 * set. But hooks drop NODE_OPTIONS, so their clock stays: as if it were set just after each of them.
 */
const CLOCK = `
import { readFileSync } from "node:fs";
const real = Date.now;
const skew = () => { try { return Number(readFileSync(process.env.SKEW_FILE, "utf8")); } catch { return 0; } };
Date.now = () => real() + skew();
globalThis.Date = new Proxy(Date, {
  construct: (target, args, self) => Reflect.construct(target, args.length ? args : [Date.now()], self),
});
`;

let room: TeamRoom;
let carrier: ReturnType<TeamRoom["start"]>;
let skewed = 0;
/** The machine's clock is set forward, or back. */
const jump = (ms: number) => {
  skewed += ms;
  const path = join(room.base, "skew");
  writeFileSync(`${path}.new`, String(skewed));
  renameSync(`${path}.new`, path);
};
const send = async (body: string): Promise<string> =>
  (await room.json(..."mail send --to bo --subject s --wake --body".split(" "), body)).id;
const seen = (id: string) =>
  until(
    "seen",
    () => room.receipt(id, "bo"),
    ({ state }) => state === "seen",
  );
/** What the carrier did about agents that it took for lost or stuck. */
const acts = async (): Promise<string[]> =>
  (await room.json("logs", "--limit", "500")).events
    .map(({ kind }: { kind: string }) => kind)
    .filter((kind: string) => /^(health\.|agent\.(lost|restart|given))/.test(kind));
const leasedUntil = () => room.dispatcher()?.until ?? 0;
/** A whole round of the carrier has ended by the clock as it is now: it has renewed its lease again. */
async function looked(): Promise<void> {
  const first = await until("a renewal", leasedUntil, isOfNow);
  await until("the next", leasedUntil, (end) => end !== first && isOfNow(end));
}
const isOfNow = (end: number) => Math.abs(end - Date.now() - skewed) < MINUTE;

/** When the agent's program has last asked its model, by its own clock. */
const askedAt = () => room.requests("bo", 1).at(-1)!.at;

beforeAll(async () => {
  // An agent inherits no NODE_OPTIONS that its settings do not name.
  room = new TeamRoom({ config: "env:\n  keep: [NODE_OPTIONS, SKEW_FILE]\n" });
  const clock = join(room.base, "clock.mjs");
  writeFileSync(clock, CLOCK);
  room.env.SKEW_FILE = join(room.base, "skew");
  room.env.NODE_OPTIONS = `--import=${clock}`;
  jump(0);
  await room.json("sling", "t-1", "--name", "bo", "--prompt", "begin");
  await room.json("sling", "t-2", "--name", "al", "--prompt", "RUN: sleep 600");
  await room.becomes("bo", "idle");
  await room.becomes("al", "busy");
  carrier = room.start(["watch"]);
  await seen(await send("before-all-1"));
});
afterAll(async () => {
  carrier?.kill("SIGTERM");
  await room.close();
});

test.each([
  ["forward by eight hours", 8 * HOUR],
  ["back by sixteen", -16 * HOUR],
])("a clock that is set %s kills nobody, and letters come once", async (_, ms) => {
  room.tmux("send-keys", "-t", "=bo:", "-l", "half a thought");
  const held = await send(`held-across-${ms}`);
  await until(
    "held",
    () => room.receipt(held, "bo"),
    ({ reason }) => reason === "human_draft",
  );
  jump(ms);
  room.tmux("send-keys", "-t", "=bo:", "C-u");
  await seen(held);
  // The round that came first after the jump renewed the lease, and looked at everybody.
  await until("a renewal", leasedUntil, isOfNow);
  const after = await send(`after-${ms}`);
  await seen(after);
  expect(await acts()).toEqual([]);
  expect([await room.state("bo"), await room.state("al")]).toEqual(["idle", "busy"]);
  expect(Math.abs(askedAt() - Date.now() - skewed)).toBeLessThan(MINUTE);
  expect(room.reached("bo", `held-across-${ms}`)).toBe(1);
  expect(room.reached("bo", `after-${ms}`)).toBe(1);
});

test("a machine that slept for eight hours finds its team as it was", async () => {
  carrier.kill("SIGSTOP");
  const id = await send("sent-at-bedtime");
  jump(8 * HOUR);
  carrier.kill("SIGCONT");
  await seen(id);
  await looked();
  expect(await acts()).toEqual([]);
  expect(await room.state("al")).toBe("busy");
  expect(room.reached("bo", "sent-at-bedtime")).toBe(1);
});

test("a carrier that was stopped for long gives way to the one that came meanwhile", async () => {
  carrier.kill("SIGSTOP");
  jump(HOUR);
  const second = room.start(["watch"]);
  await until(
    "the second",
    () => room.dispatcher()?.pid,
    (pid) => pid === second.pid,
  );
  const id = await send("with-two-carriers");
  const ended = new Promise((done) => carrier.once("exit", done));
  carrier.kill("SIGCONT");
  expect(await ended).toBe(1);
  carrier = second;
  await seen(id);
  expect(room.dispatcher()?.pid).toBe(second.pid);
  expect(room.reached("bo", "with-two-carriers")).toBe(1);
});
