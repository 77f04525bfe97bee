import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MESSAGE_TYPES, PRIORITIES, replyType } from "../../src/domain/message.ts";
import { TeamRoom } from "../team-room.ts";
import { flags, letter, send } from "./post.ts";

const room = new TeamRoom();
const TEAM = ["bo", "ann", "lead-1"];
beforeAll(async () => {
  for (const name of TEAM) await room.json("agents", "add", name, "--role", "builder");
});
afterAll(() => room.close());

/** The stored letter. */
async function stored(id: string) {
  const { message } = await room.json("mail", "read", id, "--agent", "nobody");
  return message;
}
const reply = async (id: string, from: string, body = "answer") =>
  (await room.json("mail", "reply", id, "--from", from, "--body", body)).id as string;

describe("the sender", () => {
  const anonymous = ["mail", "send", "--to", "ann", "--subject", "s", "--body", "b"];
  test.each([
    ["--from", ["--from", "one"], { OV_AGENT: "env" }, "one"],
    ["--agent", ["--agent", "two"], { OV_AGENT: "env" }, "two"],
    ["OV_AGENT", [], { OV_AGENT: "three", OVERSTORY_AGENT_NAME: "old" }, "three"],
    ["OVERSTORY_AGENT_NAME", [], { OVERSTORY_AGENT_NAME: "four" }, "four"],
    ["nothing", [], {}, "orchestrator"],
    ["an empty OV_AGENT", [], { OV_AGENT: "" }, "orchestrator"],
  ])("comes from %s", async (_, args, env, sender) => {
    const { stdout } = await room.ov([...anonymous, ...args, "--json"], { env });
    expect((await stored(JSON.parse(stdout).id)).from).toBe(sender);
  });
});

test("without --body the body is stdin", async () => {
  const args = ["mail", "send", "--to", "ann", "--subject", "s", "--json"];
  const { stdout } = await room.ov(args, { input: "one\n\ntwo\n" });
  expect((await stored(JSON.parse(stdout).id)).body).toBe("one\n\ntwo\n");
});

test("an empty --body is a body: stdin is not read", async () => {
  const { stdout } = await room.ov([...letter({ body: "" }), "--json"], { input: "other" });
  expect((await stored(JSON.parse(stdout).id)).body).toBe("");
});

test.each(MESSAGE_TYPES)("a %s without payload is stored as such", async (type) => {
  expect((await stored(await send(room, { type }))).type).toBe(type);
});

test.each(PRIORITIES)("priority %s is kept", async (priority) => {
  expect((await stored(await send(room, { priority }))).priority).toBe(priority);
});

test("without --type and --priority a letter is a normal status", async () => {
  const message = await stored(await send(room));
  expect([message.type, message.priority]).toEqual(["status", "normal"]);
});

test.each([
  ["type", "gossip", "statu", "status"],
  ["priority", "huge", "hihg", "high"],
])("an unknown %s lists the known ones, and the likely one", async (name, _, typo, near) => {
  const { code, stderr } = await room.ov(letter({ [name]: typo }));
  expect(stderr).toContain(`unknown ${name} "${typo}"\n    did you mean "${near}"? known: `);
  expect(code).toBe(64);
});

test("a malformed payload is refused by its field, and nothing is stored", async () => {
  const payload = '{"taskId":"t","branch":"b","tier":7}';
  const before = await room.json("mail", "list");
  const { code, stderr } = await room.ov(letter({ type: "merged", payload }));
  expect([code, stderr]).toEqual([64, expect.stringContaining("tier: expected string")]);
  expect(await room.json("mail", "list")).toEqual(before);
});

test("a payload that is not JSON is refused, for a semantic type too", async () => {
  expect(await room.ov(letter({ payload: "{taskId}" }))).toMatchObject({ code: 64 });
});

test("a good payload is kept", async () => {
  const payload = '{"taskId":"t","branch":"b","tier":"clean"}';
  expect((await stored(await send(room, { type: "merged", payload }))).payload).toBe(payload);
});

test("a protocol letter with its payload brings no warning", async () => {
  const payload = '{"taskId":"t","branch":"b","tier":"clean"}';
  expect(await room.ov(letter({ type: "merged", payload }))).toMatchObject({ stderr: "" });
});

describe("a letter of control bytes", () => {
  const dirty = "a\x1b[201~\x07b\rc\x9bd\ne\tf";
  test("loses them in its body", async () => {
    expect((await stored(await send(room, { body: dirty }))).body).toBe("a[201~b\ncd\ne\tf");
  });
  test("loses them in its subject, with line breaks and bidi marks", async () => {
    const message = await stored(await send(room, { subject: `${dirty}\u202e` }));
    expect(message.subject).toBe("a[201~b cd e f");
  });
  test("from stdin, which may hold NUL and invalid UTF-8, loses them", async () => {
    const args = ["mail", "send", "--to", "ann", "--subject", "s", "--json"];
    const { stdout } = await room.ov(args, { input: `a\0b\x1bc\ud800` });
    expect((await stored(JSON.parse(stdout).id)).body).toBe("abc\ufffd");
  });
});

test.each(["-rf", "--json-ish", "/clear", "!ls", "#x", "@all", "x;"])(
  "the body %j stays as it is",
  async (body) => {
    expect((await stored(await send(room, { body }))).body).toBe(body);
  },
);

test.each(["", " \n ", "\x1b"])("the subject %j is refused: it says nothing", async (subject) => {
  expect(await room.ov(letter({ subject }))).toMatchObject({ code: 64 });
});

describe("recipients", () => {
  const to = async (address: string, from = "orchestrator") =>
    (await room.json(...letter({ to: address, from }))).recipients;

  test("are one letter for each name of a list", async () => {
    expect(await to("bo,ann")).toEqual(["ann", "bo"]);
  });
  test.each(["@all", "@builder", "@builders"])("of %s leave out the sender", async (address) => {
    expect(await to(address, "ann")).toEqual(["bo", "lead-1"]);
  });
  test("of a named group are its members", async () => {
    await room.json("group", "create", "docs", "ann", "lead-1");
    expect(await to("@docs")).toEqual(["ann", "lead-1"]);
  });
  test("never are people who only ever sent mail", async () => {
    await send(room, { from: "passer-by" });
    expect(await to("@all")).not.toContain("passer-by");
  });
  test.each([
    ["an empty group", "@hollow", 1],
    ["an unknown group", "@nobody", 3],
    ["an unknown name", "nobody-here", 3],
    ["one unknown name of two", "ann,nobody-here", 3],
  ])("of %s are an error, and nothing is stored", async (_, address, code) => {
    await room.ov(["group", "create", "hollow"]);
    const before = await room.json("mail", "list");
    expect(await room.ov(letter({ to: address }))).toMatchObject({ code });
    expect(await room.json("mail", "list")).toEqual(before);
  });
});

describe("a reply", () => {
  test("goes to the sender, in the thread, with the subject marked", async () => {
    const id = await send(room, { from: "bo", to: "ann", subject: "Plan" });
    expect(await stored(await reply(id, "ann"))).toMatchObject({
      from: "ann",
      to: "bo",
      threadId: id,
      replyTo: id,
      subject: "Re: Plan",
      body: "answer",
    });
  });
  test("of the sender goes to the other side", async () => {
    const id = await send(room, { from: "bo", to: "ann,lead-1" });
    expect((await stored(await reply(id, "bo"))).to).toBe("ann,lead-1");
  });
  test("to a reply stays in the thread and is not marked twice", async () => {
    const id = await send(room, { from: "bo", to: "ann", subject: "Plan" });
    const again = await reply(await reply(id, "ann"), "bo");
    expect(await stored(again)).toMatchObject({ to: "ann", threadId: id, subject: "Re: Plan" });
  });
  test.each(MESSAGE_TYPES)("to a %s has the contract's type", async (type) => {
    const id = await send(room, { to: "ann", type, priority: "low" });
    expect((await stored(await reply(id, "ann"))).type).toBe(replyType(type));
  });
  test("does not inherit priority and payload", async () => {
    const payload = '{"agentName":"a","checkType":"liveness"}';
    const id = await send(room, { to: "ann", priority: "urgent", type: "health_check", payload });
    expect(await stored(await reply(id, "ann"))).toMatchObject({
      priority: "normal",
      payload: null,
    });
  });
  test("acks the letter that it answers", async () => {
    const id = await send(room, { to: "ann", type: "question" });
    await reply(id, "ann");
    expect(await room.receipt(id, "ann")).toMatchObject({ state: "acked" });
  });
  test("of somebody else acks nothing", async () => {
    const id = await send(room, { to: "ann" });
    await reply(id, "lead-1");
    expect(await room.receipt(id, "ann")).toMatchObject({ state: "queued" });
  });
  test("takes its body from stdin", async () => {
    const id = await send(room, { to: "ann" });
    const args = ["mail", "reply", id, "--from", "ann", "--json"];
    const { stdout } = await room.ov(args, { input: "piped" });
    expect((await stored(JSON.parse(stdout).id)).body).toBe("piped");
  });
  test("to a letter that is not there is not found", async () => {
    const call = ["mail", "reply", "msg-0", ...flags({ body: "b" })];
    expect(await room.ov(call)).toMatchObject({ code: 3 });
  });
});
