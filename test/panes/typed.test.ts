import { resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Context, makeContext } from "../../src/cli/context.ts";
import { plainGlobals } from "../../src/cli/globals.ts";
import type { Terminal } from "../../src/ports/terminal.ts";
import { deliverOnce } from "../../src/usecases/deliver-mail.ts";
import { sendMail } from "../../src/usecases/send-mail.ts";
import type { WakeTools } from "../../src/usecases/wake-agent.ts";
import { Person } from "./person.ts";

const SOON = { timeout: 90_000, interval: 80 };
let me: Person;
let context: Context;
let tools: WakeTools;

/** A writer dies where the test says; all else is the real thing: tmux, the store, the program. */
class Killed extends Error {}

beforeEach(async () => {
  me = new Person();
  process.env.TMUX_TMPDIR = me.room.base;
  me.line(me.agent());
  await expect.poll(() => me.screen(), SOON).toContain("❯\u00a0");
  await me.room.json("adopt", "%0", "--socket", "person", "--name", "bo");
  await expect.poll(() => me.room.state("bo"), SOON).toBe("idle");
  context = makeContext(resolve("."), plainGlobals(true), { cwd: me.room.root, env: me.room.env });
  tools = await context.wake();
});
afterEach(async () => {
  context.close();
  delete process.env.TMUX_TMPDIR;
  await me.close();
});

/** Stored without a dispatcher that would be started beside the test. */
function send(body: string): string {
  const letter = { sender: "lead", to: "bo", type: "status" as const, subject: "News", body };
  const more = { payload: null, priority: "normal" as const, wake: true };
  return sendMail(context.store, { ...letter, ...more }, { perMinute: 0, perPair: 0 }).message.id;
}
const delivery = (id: string) => context.store.mail.get(id)!.deliveries[0]!;
const round = () => deliverOnce(tools);
const until = (id: string, state: string) =>
  expect
    .poll(async () => {
      await round();
      return delivery(id).state;
    }, SOON)
    .toBe(state);

/** A round in which the writer is killed before or after its first call of this kind. */
async function killedAt(when: "before" | "after", call: "type" | "press"): Promise<void> {
  const real = tools.terminal;
  const dying = async (...args: unknown[]) => {
    if (when === "after") await (real[call] as (...all: unknown[]) => Promise<unknown>)(...args);
    throw new Killed();
  };
  tools.terminal = { ...real, [call]: dying } as Terminal;
  // A look that the program's next frame makes old holds the letter for a second.
  const isKilled = () =>
    round().then(
      () => false,
      (error) => error instanceof Killed,
    );
  await expect.poll(isKilled, SOON).toBe(true);
  tools.terminal = real;
}

test("killed before the paste: the letter is typed by the next writer, once", async () => {
  const id = send("mark-before-paste");
  await killedAt("before", "type");
  expect(delivery(id)).toMatchObject({ state: "leased", door: "type" });
  await until(id, "offered");
  await expect.poll(() => me.reached("mark-before-paste"), SOON).toBe(1);
});

test.each(["after", "before"] as const)(
  "killed between paste and Enter (%s): it is submitted, and not pasted again",
  async (when) => {
    const id = send("mark-stray");
    await killedAt(when, when === "after" ? "type" : "press");
    await expect.poll(() => me.screen(), SOON).toMatch(/\[ov type-\w+\] Mail for you: \[Pasted/);
    expect(me.reached("mark-stray")).toBe(0);
    await until(id, "offered");
    await expect.poll(() => me.reached("mark-stray"), SOON).toBe(1);
    await round();
    expect(me.reached("mark-stray")).toBe(1);
  },
);

test("killed after Enter: the pane remembers it, and the letter is not typed again", async () => {
  const id = send("mark-entered");
  await killedAt("after", "press");
  await expect.poll(() => me.reached("mark-entered"), SOON).toBe(1);
  await until(id, "offered");
  await round();
  expect(me.reached("mark-entered")).toBe(1);
});

test("what a person clears before Enter is not given again where no transcript could tell", async () => {
  const id = send("mark-cleared");
  await killedAt("after", "type");
  await expect.poll(() => me.screen(), SOON).toContain("[ov type-");
  me.type("C-u");
  await until(id, "offered");
  await round();
  expect(me.reached("mark-cleared")).toBe(0);
});

test("a person's words behind our text hold it; it goes alone once they are gone", async () => {
  const id = send("mark-mixed");
  await killedAt("after", "type");
  await expect.poll(() => me.screen(), SOON).toContain("[ov type-");
  me.type("-l", "abc");
  await expect.poll(() => me.screen(), SOON).toContain("]abc");
  await round();
  expect((await round()).held).toEqual(["bo"]);
  expect(delivery(id).state).toBe("leased");
  expect(me.screen()).toContain("]abc");
  me.type("BSpace", "BSpace", "BSpace");
  await until(id, "offered");
  await expect.poll(() => me.reached("mark-mixed"), SOON).toBe(1);
  expect(me.reached("abc")).toBe(0);
});

test("a person's own paste is a draft, also beside a letter that waits", async () => {
  me.tmux("set-buffer", "-b", "own", "a\nb\nc\nd\ne");
  me.tmux("paste-buffer", "-p", "-r", "-b", "own", "-t", "%0");
  await expect.poll(() => me.screen(), SOON).toContain("[Pasted text #1 +4 lines]");
  const id = send("mark-own");
  await round();
  expect(delivery(id)).toMatchObject({ state: "queued", reason: "human_draft" });
  expect(me.screen()).toContain("❯\u00a0[Pasted text #1 +4 lines]");
});
