import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TeamRoom } from "../team-room.ts";
import { letter, send, sh } from "./post.ts";

const room = new TeamRoom();
afterAll(() => room.close());

let count = 0;
/** A recipient of its own, so that tests do not read each other's mail. */
async function newcomer(): Promise<string> {
  const name = `r${++count}`;
  await room.json("agents", "add", name);
  return name;
}
const state = async (id: string, name: string) => (await room.receipt(id, name)).state;
const marker = (name: string) => existsSync(join(room.root, ".overture", "mail", name));
const bodies = (answer: { messages: { body: string }[] }) => answer.messages.map((m) => m.body);
const check = (name: string, ...more: string[]) =>
  room.json("mail", "check", "--agent", name, ...more);

describe("a read mark", () => {
  let name: string;
  let id: string;
  beforeAll(async () => {
    name = await newcomer();
    id = await send(room, { to: name });
  });

  test.each([
    ["list", () => ["list", "--to", name]],
    ["list --unread", () => ["list", "--unread", "--agent", name]],
    ["thread", () => ["thread", id]],
    ["search", () => ["search", "s"]],
    ["dead", () => ["dead"]],
    ["read by the sender", () => ["read", id, "--agent", "bo"]],
    ["read by somebody else", () => ["read", id, "--agent", "lead-9"]],
  ])("is not made by %s", async (_, call) => {
    await room.json("mail", ...call());
    expect(await state(id, name)).toBe("queued");
  });
});

test("read by its recipient is seen, with the command as proof", async () => {
  const name = await newcomer();
  const id = await send(room, { to: name });
  await room.json("mail", "read", id, "--agent", name);
  expect(await room.receipt(id, name)).toMatchObject({ state: "seen", proof: "command" });
});

test("read by one recipient is not read by the other", async () => {
  const [one, two] = [await newcomer(), await newcomer()];
  const id = await send(room, { to: `${one},${two}` });
  await room.json("mail", "read", id, "--agent", one);
  expect(await state(id, two)).toBe("queued");
});

test("a check prints each letter once", async () => {
  const name = await newcomer();
  await send(room, { to: name, body: "once" });
  expect(bodies(await check(name))).toEqual(["once"]);
  expect(bodies(await check(name))).toEqual([]);
});

test("a check marks what it printed as seen", async () => {
  const name = await newcomer();
  const id = await send(room, { to: name });
  await check(name);
  expect(await state(id, name)).toBe("seen");
});

test("a check gives urgent letters first, then the oldest", async () => {
  const name = await newcomer();
  for (const body of ["1", "2"]) await send(room, { to: name, body, priority: "high" });
  for (const body of ["3", "4"]) await send(room, { to: name, body, priority: "urgent" });
  expect(bodies(await check(name))).toEqual(["3", "4", "1", "2"]);
});

test("a check prints its letters for a person in the contract's form", async () => {
  const name = await newcomer();
  const id = await send(room, { to: name, subject: "Hi", body: "text" });
  const { stdout } = await room.ov(["mail", "check", "--agent", name]);
  expect(stdout).toBe(
    `--- From: bo (status) ---\nSubject: Hi\ntext\n[Reply with: ov mail reply ${id} --body "..."]\n`,
  );
});

test("a check whose output cannot be written leaves the letters unread", async () => {
  const name = await newcomer();
  const id = await send(room, { to: name });
  expect(await sh(room, `ov mail check --agent ${name} >/dev/full`)).toMatchObject({ code: 1 });
  expect(await state(id, name)).toBe("leased");
});

describe("--limit", () => {
  let name: string;
  let thread: string;
  beforeAll(async () => {
    name = await newcomer();
    thread = await send(room, { to: name, body: "limited 0" });
    for (const n of [1, 2, 3]) {
      await room.json("mail", "reply", thread, "--from", name, "--body", `limited ${n}`);
    }
    for (const n of [1, 2, 3]) await send(room, { to: name, body: `more ${n}` });
  });

  test("of a list is the newest", async () => {
    const list = await room.json("mail", "list", "--to", name, "--limit", "2");
    expect(bodies(list)).toEqual(["more 3", "more 2"]);
  });
  test("of a thread is its end", async () => {
    const end = await room.json("mail", "thread", thread, "--limit", "2");
    expect(bodies(end)).toEqual(["limited 2", "limited 3"]);
  });
  test("of a search is at most so many", async () => {
    expect((await room.json("mail", "search", "limited", "--limit", "2")).messages).toHaveLength(2);
  });
  test("of a check leaves the rest unread, and says how many", async () => {
    const first = await check(name, "--limit", "2");
    expect([bodies(first), first.waiting]).toEqual([["more 1", "more 2"], 1]);
    expect(bodies(await check(name))).toEqual(["more 3"]);
  });
});

test("a thread begins at its first letter, whichever of its letters is named", async () => {
  const name = await newcomer();
  const id = await send(room, { to: name, body: "first" });
  const answer = await room.json("mail", "reply", id, "--from", name, "--body", "second");
  expect(bodies(await room.json("mail", "thread", answer.id))).toEqual(["first", "second"]);
});

describe("a search", () => {
  test("needs all words, and takes their beginnings", async () => {
    await send(room, { subject: "Zebra crossing", body: "stripes" });
    await send(room, { subject: "Zebra zoo", body: "cage" });
    expect(bodies(await room.json("mail", "search", "zebr", "strip"))).toEqual(["stripes"]);
  });
  test.each(['"', "a OR b*", "NEAR(", "subject:zebra -x", "'; DROP TABLE messages"])(
    "for %j is no syntax error",
    async (words) => {
      expect(await room.ov(["mail", "search", "--", words])).toMatchObject({ code: 0 });
    },
  );
  test("keeps to its filters", async () => {
    await send(room, { from: "owl", body: "hoot" });
    await send(room, { from: "dog", body: "hoot" });
    const found = await room.json("mail", "search", "hoot", "--from", "owl");
    expect(found.messages.map((m: { from: string }) => m.from)).toEqual(["owl"]);
  });
});

describe("an ack", () => {
  test("of the recipient is its receipt", async () => {
    const name = await newcomer();
    const id = await send(room, { to: name });
    await room.json("mail", "ack", id, "--agent", name);
    expect(await state(id, name)).toBe("acked");
  });
  test("of somebody else is refused, and names the recipients", async () => {
    const name = await newcomer();
    const id = await send(room, { to: name });
    const { code, stderr } = await room.ov(["mail", "ack", id, "--agent", "bo"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining(`it was sent to ${name}`)]);
  });
  test("twice is no error", async () => {
    const name = await newcomer();
    const id = await send(room, { to: name });
    await room.json("mail", "ack", id, "--agent", name);
    expect(await room.json("mail", "ack", id, "--agent", name)).toMatchObject({ acked: true });
  });
  test("of a letter that a reader has just taken counts: it is not given out again", async () => {
    const name = await newcomer();
    const id = await send(room, { to: name });
    await sh(room, `ov mail check --agent ${name} >/dev/full`);
    await room.json("mail", "ack", id, "--agent", name);
    expect((await room.receipt(id, name)).state).toBe("acked");
  });
});

describe("--debounce", () => {
  const HOUR = "3600000";
  test("prints nothing within its time, and takes nothing", async () => {
    const name = await newcomer();
    await check(name, "--debounce", HOUR);
    const id = await send(room, { to: name });
    expect(bodies(await check(name, "--debounce", HOUR))).toEqual([]);
    expect(await state(id, name)).toBe("queued");
  });
  test("lets a check through after its time", async () => {
    const name = await newcomer();
    await check(name, "--debounce", HOUR);
    await send(room, { to: name, body: "late" });
    expect(bodies(await check(name, "--debounce", "1"))).toEqual(["late"]);
  });
  test.each(["abc", "-1", "1.5"])("of %s is wrong usage", async (ms) => {
    const { code } = await room.ov(["mail", "check", `--debounce=${ms}`]);
    expect(code).toBe(64);
  });
});

describe("--wait", () => {
  const SOON = { timeout: 90_000 };
  const wait = (name: string, receipt: string, more: Record<string, string> = {}) =>
    room.ov([...letter({ to: name, wait: receipt, timeout: "20s", ...more }), "--json"]);
  const parts = ({ code, stdout }: { code: number; stdout: string }) => {
    const { outcome, receipts } = JSON.parse(stdout);
    return [code, outcome, receipts.map((r: { state: string }) => r.state)];
  };

  test("seen is 4 when nobody reads", async () => {
    const name = await newcomer();
    expect(parts(await wait(name, "seen", { timeout: "150ms" }))).toEqual([4, "held", ["queued"]]);
  });
  test("seen is 0 when another process reads", async () => {
    const name = await newcomer();
    const waiting = wait(name, "seen");
    await expect.poll(async () => bodies(await check(name)), SOON).toEqual(["b"]);
    expect(parts(await waiting)).toEqual([0, "reached", ["seen"]]);
  });
  test("acked is not reached by reading", async () => {
    const name = await newcomer();
    const waiting = wait(name, "acked", { timeout: "3s" });
    await expect.poll(async () => bodies(await check(name)), SOON).toEqual(["b"]);
    expect(parts(await waiting)).toEqual([5, "open", ["seen"]]);
  });
  test("acked is 0 when the recipient replies", async () => {
    const name = await newcomer();
    const waiting = wait(name, "acked");
    const read = async () => (await check(name)).messages[0]?.id;
    let id = "";
    await expect.poll(async () => (id = await read()), SOON).toBeTruthy();
    await room.json("mail", "reply", id, "--from", name, "--body", "done");
    expect(parts(await waiting)).toEqual([0, "reached", ["acked"]]);
  });
  test("seen is not reached while one of two has not read", async () => {
    const [one, two] = [await newcomer(), await newcomer()];
    const waiting = wait(`${one},${two}`, "seen", { timeout: "3s" });
    await expect.poll(async () => bodies(await check(one)), SOON).toEqual(["b"]);
    expect(parts(await waiting)).toEqual([4, "held", ["seen", "queued"]]);
  });
  test("is 1 when the letter dies", async () => {
    const name = await newcomer();
    const waiting = wait(name, "seen", { expires: "300ms" });
    const dead = async () => (await room.json("mail", "dead", "--to", name)).messages.length;
    await expect.poll(dead, { timeout: 90_000 }).toBe(1);
    expect(parts(await waiting)).toEqual([1, "dead", ["dead"]]);
  });
  test("for what does not exist is wrong usage", async () => {
    expect(await wait("orchestrator", "delivered")).toMatchObject({ code: 64 });
  });
});

describe("the marker", () => {
  test("is there from the send on", async () => {
    const name = await newcomer();
    await send(room, { to: name });
    expect(marker(name)).toBe(true);
  });
  test("stays while a letter is left", async () => {
    const name = await newcomer();
    for (const body of ["1", "2"]) await send(room, { to: name, body });
    await check(name, "--limit", "1");
    expect(marker(name)).toBe(true);
  });
  test("goes with the last letter", async () => {
    const name = await newcomer();
    await send(room, { to: name });
    await check(name);
    expect(marker(name)).toBe(false);
  });
});
