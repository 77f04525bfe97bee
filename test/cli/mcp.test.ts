import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OV, TeamRoom } from "../team-room.ts";
import { bare, callOf, connect, HELLO, request } from "./mcp-client.ts";

const room = new TeamRoom();
type Client = Awaited<ReturnType<typeof connect>>;
let bo: Client;
let ann: Client;
const SOON = { timeout: 90_000, interval: 50 };

beforeAll(async () => {
  await room.ov(["sling", "t-1", "--name", "bo", "--prompt", "hello"]);
  await room.becomes("bo", "idle");
  await room.ov(["agents", "add", "ann", "--kind", "remote"]);
  bo = await connect(room, "bo");
  ann = await connect(room, "ann");
});
afterAll(async () => {
  await bo.client.close();
  await ann.client.close();
  await room.close();
});

const send = async (body: string, more: object = {}) => {
  const said = await bo.call("mail_send", { to: "ann", subject: "News", body, ...more });
  return said.data?.id as string;
};
const state = async (id: string, agent = "ann") => (await room.receipt(id, agent)).state;

test("three texts under a key are three versions, and the first comes back as a fourth", async () => {
  for (const text of ["port 8091", "port 8092", "port 8093"]) {
    await bo.call("remember", { key: "port", text, tags: ["tests"] });
  }
  expect(await ann.call("rollback", { key: "port", to: "1" })).toMatchObject({ isError: false });
  expect((await ann.call("recall", { query: "port" })).text).toMatch(/port 8091/);
  const { versions } = await room.json("memory", "show", "port");
  const rows = versions.map((row: Record<string, unknown>) => [row.version, row.body, row.agent]);
  expect(rows).toEqual([
    [1, "port 8091", "bo"],
    [2, "port 8092", "bo"],
    [3, "port 8093", "bo"],
    [4, "port 8091", "ann"],
  ]);
  expect((await ann.call("list", { key: "port" })).text.match(/^port {2}v\d/gm)).toHaveLength(4);
});

test("every tool does what its verb does", async () => {
  const called = new Set<string>();
  const call = async (name: string, input?: Record<string, unknown>) => {
    called.add(name);
    const said = await bo.call(name, input);
    expect([name, said.isError, said.text]).toEqual([name, false, said.text]);
    return said;
  };
  const { data } = await call("remember", { text: "freeze until Friday", expires: "4d" });
  expect((await call("recall", { query: "freeze", limit: 1 })).text).toContain("until Friday");
  expect((await call("search", { query: "freeze", agent: "bo" })).text).toContain("until Friday");
  expect((await call("list")).text).toContain("until Friday");
  await call("forget", { key: data?.key });
  expect((await call("rollback", { key: data?.key, to: "1", dry_run: true })).text).toMatch(/back/);

  const sent = await call("mail_send", { to: "ann", subject: "s", body: "b", type: "question" });
  expect((await call("mail_list", { to: "ann", unread: true })).text).toContain("question");
  const answer = await ann.call("mail_reply", { id: sent.data?.id, body: "yes" });
  expect((await call("mail_read", { id: answer.data?.id })).text).toContain("yes");
  await call("mail_ack", { id: answer.data?.id });
  const asked = await room.json("mail", "send", "--to", "bo", "--subject", "x", "--body", "y");
  expect((await call("mail_check")).text).toContain(asked.id);
  await call("mail_reply", { id: asked.id, body: "done" });

  const { id } = (await call("checkpoint", { summary: "half done" })).data as { id: string };
  expect(id).toMatch(/^bo@\d+$/);
  expect((await call("prime")).text).toMatch(/You are bo[\s\S]*half done/);
  const { agents } = (await call("team")).data as { agents: object[] };
  expect(agents).toContainEqual(
    expect.objectContaining({ name: "bo", state: "idle", task: "t-1" }),
  );
  const { tools } = await bo.client.listTools();
  expect([...called].toSorted()).toEqual(tools.map(({ name }) => name).toSorted());
});

test("all definitions are short: each is paid for in every request of an agent", async () => {
  const { tools } = await bo.client.listTools();
  const shown = tools.map(({ name, description, inputSchema }) => ({
    name: `mcp__overture__${name}`,
    description,
    inputSchema,
  }));
  // 4.1 characters are a token here; 1,500 are allowed.
  expect(JSON.stringify(shown).length).toBeLessThan(1_500 * 4.1);
  expect(tools.find(({ name }) => name === "mail_send")?.inputSchema).toMatchObject({
    required: ["to", "subject", "body"],
    properties: { priority: { enum: ["low", "normal", "high", "urgent"] } },
  });
});

describe("mail_check", () => {
  test("gives each letter once, and the receipt says that its reader's own call had it", async () => {
    const id = await send("letter-once-4410");
    expect((await ann.call("mail_check")).text).toContain("letter-once-4410");
    await expect
      .poll(() => room.receipt(id, "ann"))
      .toMatchObject({
        state: "seen",
        proof: "command",
        door: "command",
      });
    expect((await ann.call("mail_check")).text).toBe("No new messages");
  });

  test("leaves what has no room queued, and says how many", async () => {
    for (let n = 0; n < 5; n++) await send(`${"ы".repeat(2_000)} end-${n}`);
    const first = (await ann.call("mail_check")).text;
    expect(Buffer.byteLength(first)).toBeLessThanOrEqual(9_000);
    expect([first.match(/end-\d/g), first]).toEqual([
      ["end-0", "end-1"],
      expect.stringContaining("3 more waiting"),
    ]);
    const second = (await ann.call("mail_check", { limit: 1 })).text;
    expect(second.match(/end-\d/g)).toEqual(["end-2"]);
    expect((await ann.call("mail_check")).text.match(/end-\d/g)).toEqual(["end-3", "end-4"]);
  });

  test("that is given up before its answer leaves the letter to be taken again", async () => {
    const id = await send("letter-cancelled-77");
    const { child, answers, exit } = bare(room, "--agent", "ann");
    const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 2 } };
    child.stdin.end(`${HELLO}${callOf(2, "mail_check", {})}${JSON.stringify(cancel)}\n`);
    expect([await exit, answers().map((answer) => answer.id)]).toEqual([0, [1]]);
    expect(await state(id)).toBe("leased");
  });

  test("whose client reads no more is not seen", async () => {
    const id = await send("letter-unread-78");
    const { child, exit } = bare(room, "--agent", "ann");
    child.stdin.write(HELLO);
    await new Promise((done) => child.stdout.once("data", done));
    child.stdout.destroy();
    child.stdin.write(callOf(2, "mail_check", {}));
    expect([await exit, await state(id)]).toEqual([0, "leased"]);
  });
});

test("a letter of a megabyte is stored whole and read in pieces", async () => {
  const body = Array.from({ length: 30_000 }, (_, n) => `line ${n} of a long letter, ж`).join("\n");
  const id = await send(body);
  let read = "";
  for (let offset: number | undefined = 0; offset !== undefined; ) {
    const { text } = await ann.call("mail_read", { id, offset });
    expect(Buffer.byteLength(text)).toBeLessThan(9_100);
    const more: RegExpExecArray | null = /\n\[\d+ characters more: offset (\d+)\]$/.exec(text);
    read += text.slice(0, more?.index);
    offset = more ? Number(more[1]) : undefined;
  }
  expect(read.endsWith(`\n\n${body}`)).toBe(true);
  expect(await state(id)).toBe("seen");
  const huge = await bo.call("remember", { text: body });
  expect(huge).toMatchObject({ isError: true, text: expect.stringContaining("65536 are allowed") });
});

test.each([
  ["remember", {}, /^text: expected string\nfields of remember: text \(required\), key/],
  ["remember", { text: "x", importance: 9 }, /^importance: /],
  ["remember", { text: "x", keys: "y" }, /unknown field keys/],
  [
    "mail_send",
    { to: "ann", subject: "s", body: "b", type: "letter" },
    /^type: expected status or/,
  ],
  ["mail_send", { to: "nn", subject: "s", body: "b" }, /did you mean "ann"/],
  ["mail_send", { to: "ann", subject: "s", body: "b", type: "assign", payload: {} }, /taskId/],
  ["mail_read", { id: "msg-none" }, /there is no message "msg-none"/],
  ["rollback", { key: "port" }, /name one of: to, checkpoint/],
  ["forget", { key: "nothing" }, /unknown note "nothing"/],
  ["mail_sned", {}, /unknown tool "mail_sned"\ndid you mean "mail_send"\?/],
])("%s %j is an answer that says what is wrong", async (name, input, words) => {
  const said = await bo.call(name, input);
  expect(said).toMatchObject({ isError: true, text: expect.stringMatching(words) });
});

test("thirty calls at once are thirty answers and thirty notes", async () => {
  const texts = Array.from({ length: 30 }, (_, n) => `note-at-once-${n}`);
  const said = await Promise.all(texts.map((text) => bo.call("remember", { text })));
  expect(said.filter(({ isError }) => isError)).toEqual([]);
  const { notes } = await room.json("search", "note-at-once", "--limit", "100");
  expect(notes.map(({ body }: { body: string }) => body).toSorted()).toEqual(texts.toSorted());
});

describe("a client that is broken", () => {
  test("and writes garbage gets an answer to all that is a message, and nothing else", async () => {
    const { child, answers, exit } = bare(room);
    const garbage = ["{", "null", "[]", "\u0000\u001b[201~", "x".repeat(1_000_000), '{"id":7}'];
    child.stdin.write(HELLO);
    for (const line of garbage) child.stdin.write(`${line}\n`);
    child.stdin.write(Buffer.from([0xff, 0xfe, 10]));
    child.stdin.write(
      callOf(2, "team", null) + callOf(3, "list", "no object") + request(4, "x/y", {}),
    );
    child.stdin.end(callOf(5, "list", {}));
    expect(await exit).toBe(0);
    const byId = Object.fromEntries(answers().map((answer) => [answer.id, answer]));
    expect(Object.keys(byId)).toEqual(["1", "2", "3", "4", "5"]);
    expect(byId[3].result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining("expected object") }],
    });
    expect([byId[4].error.code, byId[2].result.isError, byId[5].result.isError]).toEqual([
      -32601,
      undefined,
      undefined,
    ]);
  });

  test("and closes stdin in the middle of a line ends the server with 0", async () => {
    const { child, answers, exit } = bare(room);
    child.stdin.end(`${HELLO}{"jsonrpc":"2.0","id":2,"method":"tools/li`);
    expect([await exit, answers().map((answer) => answer.id)]).toEqual([0, [1]]);
  });
});

test("a signal ends the server with 0", async () => {
  const { child, answers, exit } = bare(room);
  child.stdin.write(HELLO);
  await expect.poll(answers, SOON).toHaveLength(1);
  child.kill("SIGTERM");
  expect(await exit).toBe(0);
});

test("without a project each call says so, and the first one behind ov init works", async () => {
  const elsewhere = join(room.base, "elsewhere");
  mkdirSync(join(elsewhere, ".git"), { recursive: true });
  const { client, call } = await connect(room, "orchestrator", elsewhere);
  expect(await call("recall")).toMatchObject({
    isError: true,
    text: expect.stringMatching(/no Overture project in .*\nrun: ov init/),
  });
  execFileSync(OV, ["init"], { cwd: elsewhere, env: room.env });
  expect(await call("recall")).toMatchObject({ isError: false });
  await client.close();
  rmSync(elsewhere, { recursive: true });
});

test("who calls is --agent, else OV_AGENT; a name that is none is refused", async () => {
  const { child, answers, exit } = bare(room, "--agent", "../x");
  child.stdin.end(HELLO + callOf(2, "prime", {}));
  expect(await exit).toBe(0);
  expect(answers()[1].result).toMatchObject({ isError: true });
  expect((await ann.call("mail_send", { to: "bo", subject: "s", body: "b" })).isError).toBe(false);
  const { messages } = await room.json("mail", "list", "--to", "bo", "--limit", "1");
  expect(messages[0].from).toBe("ann");
});
