import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TeamRoom } from "../team-room.ts";
import { letter, send } from "./post.ts";

const room = new TeamRoom();
beforeAll(() => room.json("agents", "add", "ann"));
afterAll(() => room.close());

const bodies = (answer: { messages: { body: string }[] }) => answer.messages.map((m) => m.body);
const list = async (...more: string[]) => bodies(await room.json("mail", "list", ...more));

describe("a letter that expires", () => {
  let id: string;
  beforeAll(async () => {
    id = await send(room, { to: "ann", subject: "Now or never", expires: "1ms" });
  });

  test("is among the dead letters", async () => {
    const { messages } = await room.json("mail", "dead");
    expect(messages.map((m: { id: string }) => m.id)).toEqual([id]);
  });
  test("is dead, with the reason", async () => {
    expect(await room.receipt(id, "ann")).toMatchObject({ state: "dead", reason: "expired" });
  });
  test("is not read any more", async () => {
    expect(bodies(await room.json("mail", "check", "--agent", "ann"))).toEqual([]);
  });
  test("is told to its sender, with the words that send it again", async () => {
    const { messages } = await room.json("mail", "check", "--agent", "bo");
    expect(messages).toMatchObject([
      {
        from: "overture",
        type: "error",
        subject: "Not delivered to ann: Now or never",
        replyTo: id,
        body: expect.stringContaining(`ov mail retry ${id}`),
      },
    ]);
  });
  test("cannot be acked", async () => {
    expect(await room.ov(["mail", "ack", id, "--agent", "ann"])).toMatchObject({ code: 1 });
  });
  test("is read after a retry, without its expiry", async () => {
    expect(await room.json("mail", "retry", id)).toMatchObject({ recipients: ["ann"] });
    const { messages } = await room.json("mail", "check", "--agent", "ann");
    expect(messages.map((m: { id: string }) => m.id)).toEqual([id]);
  });
  test("cannot be retried once it lives", async () => {
    expect(await room.ov(["mail", "retry", id])).toMatchObject({ code: 1 });
  });
});

test.each(["soon", "-1s"])(
  "--expires %s is wrong usage, and nothing is stored",
  async (expires) => {
    const before = await list();
    expect(await room.ov([...letter(), `--expires=${expires}`])).toMatchObject({ code: 64 });
    expect(await list()).toEqual(before);
  },
);

describe("a purge", () => {
  const purge = async (...args: string[]) => (await room.json("mail", "purge", ...args)).purged;

  test("of nothing named is wrong usage", async () => {
    expect(await room.ov(["mail", "purge"])).toMatchObject({ code: 64 });
  });
  test("by age keeps what is younger", async () => {
    await send(room, { body: "young" });
    expect(await purge("--days", "1")).toBe(0);
  });
  test("of an agent keeps what is unread, and what is others'", async () => {
    await send(room, { from: "cat", to: "ann", body: "cat's, read" });
    await send(room, { from: "dog", to: "ann", body: "dog's, read" });
    await room.json("mail", "check", "--agent", "ann");
    await send(room, { from: "cat", to: "ann", body: "cat's, unread" });
    expect(await purge("--agent", "cat")).toBe(1);
    expect(await list("--to", "ann", "--limit", "2")).toEqual(["cat's, unread", "dog's, read"]);
  });
  test("of all takes unread letters too", async () => {
    await purge("--all");
    expect(await list()).toEqual([]);
  });
  test("is out of the search as well", async () => {
    await send(room, { body: "needle" });
    await purge("--all");
    expect(bodies(await room.json("mail", "search", "needle"))).toEqual([]);
  });
});
