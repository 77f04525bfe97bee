import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { letter, send, sh } from "../cli/post.ts";
import { TeamRoom } from "../team-room.ts";

interface Listed {
  id: string;
  read: boolean;
  payload: string | null;
}

const room = new TeamRoom();
beforeAll(async () => {
  for (const name of ["bo", "ann"]) await room.json("agents", "add", name);
});
afterAll(() => room.close());

const listed = async (...words: string[]): Promise<Listed[]> =>
  (await room.json("mail", "list", ...words)).messages;
const found = async (id: string, ...words: string[]) =>
  (await listed(...words)).find((one) => one.id === id);

describe("ov mail list says what is unread", () => {
  test("an unread letter has a star and read: false, until its recipient has read it", async () => {
    const id = await send(room, { to: "bo", from: "ann" });
    const line = async () =>
      (await room.ov(["mail", "list"])).stdout.split("\n").find((row) => row.includes(id));
    expect(await line()).toMatch(/^\* /);
    expect((await found(id))?.read).toBe(false);
    await room.json("mail", "read", id, "--agent", "bo");
    expect(await line()).toMatch(/^ {2}/);
    expect((await found(id))?.read).toBe(true);
  });

  test("of a letter to two, each recipient's own reading counts where one is named", async () => {
    const id = await send(room, { to: "bo,ann", from: "orchestrator" });
    await room.json("mail", "read", id, "--agent", "ann");
    expect((await found(id, "--to", "ann"))?.read).toBe(true);
    expect((await found(id, "--to", "bo"))?.read).toBe(false);
    expect((await found(id))?.read).toBe(false);
  });

  test("a dead letter has no star, and was not read", async () => {
    const id = await send(room, { to: "bo", from: "ann", expires: "1s" });
    await expect
      .poll(async () => (await room.json("mail", "dead")).messages.length, { timeout: 10_000 })
      .toBeGreaterThan(0);
    const { stdout } = await room.ov(["mail", "list", "--from", "ann"]);
    expect(stdout.split("\n").find((row) => row.includes(id))).toMatch(/^ {2}/);
    expect((await found(id))?.read).toBe(false);
  });
});

describe("operator is the person", () => {
  test("a letter to operator lies in the inbox of the orchestrator", async () => {
    const { id, recipients } = await room.json(...letter({ to: "operator", from: "bo" }));
    expect(recipients).toEqual(["orchestrator"]);
    expect(await found(id, "--to", "operator")).toBeDefined();
    const { messages } = await room.json("mail", "check", "--agent", "operator");
    expect(messages.map((one: Listed) => one.id)).toContain(id);
  });

  test("what operator sends comes from the person", async () => {
    const id = await send(room, { to: "bo", from: "operator" });
    const { message } = await room.json("mail", "read", id, "--from", "operator");
    expect(message.from).toBe("orchestrator");
  });

  test("the hook of operator finds the person's letters", async () => {
    await send(room, { to: "operator", from: "bo", body: "for the person" });
    const { stdout } = await sh(room, "ov mail check --inject --agent operator");
    expect(stdout).toContain("for the person");
  });

  test("no agent can take the name", async () => {
    const { code, stderr } = await room.ov(["agents", "add", "operator"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("reserved name")]);
  });
});

describe("payloads as Overstory's prompts write them", () => {
  test.each([
    ["dispatch", { taskId: "t-1", specPath: null, capability: "lead", fileScope: [] }],
    ["assign", { taskId: "t-1", specPath: null, workerName: "bo", branch: "b" }],
    ["worker_done", { beadId: "t-1", branch: "b", exitCode: 0, filesModified: [] }],
    ["merge_ready", { beadId: "t-1", branch: "b", agentName: "bo", filesModified: [] }],
    ["dispatch", { beadId: "t-1", specPath: null, capability: "lead", fileScope: [] }],
  ])("%s with %j is accepted, and tells the task", async (type, payload) => {
    const id = await send(room, { to: "ann", type, payload: JSON.stringify(payload) });
    const stored = JSON.parse((await found(id))?.payload ?? "null");
    expect(stored).toEqual({ taskId: "t-1", ...payload });
  });

  test("a beadId that is no text is refused by name", async () => {
    const payload = JSON.stringify({ beadId: 7, branch: "b", exitCode: 0, filesModified: [] });
    const { code, stderr } = await room.ov(letter({ to: "ann", type: "worker_done", payload }));
    expect(code).not.toBe(0);
    expect(stderr).toContain("taskId");
  });
});

describe("a unique beginning of an id will do", () => {
  const short = async (id: string) => {
    const ids = (await listed("--limit", "500")).map((one) => one.id);
    let length = 1;
    while (ids.some((one) => one !== id && one.startsWith(id.slice(0, length)))) length++;
    return id.slice(0, length);
  };

  test.each(["read", "ack", "thread", "reply"])("in ov mail %s", async (verb) => {
    const id = await send(room, { to: "bo", from: "ann" });
    const body = verb === "reply" ? ["--body", "b"] : [];
    const who = verb === "thread" ? [] : ["--agent", "bo"];
    const answer = await room.json("mail", verb, await short(id), ...who, ...body);
    expect(answer.threadId ?? answer.message?.id ?? answer.id).toBe(id);
  });

  test("without the word that every id begins with", async () => {
    const id = await send(room, { to: "bo", from: "ann" });
    const { message } = await room.json("mail", "read", (await short(id)).replace("msg-", ""));
    expect(message.id).toBe(id);
  });

  test("in ov trace, of a letter", async () => {
    const id = await send(room, { to: "bo", from: "ann" });
    const { events } = await room.json("trace", await short(id));
    expect(events.map((one: { message: string }) => one.message)).toContain(id);
  });

  test("one that several begin with is refused with the candidates, and changes nothing", async () => {
    const [one, two] = [await send(room, { to: "bo" }), await send(room, { to: "bo" })];
    const { code, stderr } = await room.ov(["mail", "ack", "msg-", "--agent", "bo"]);
    expect(code).toBe(1);
    expect(stderr).toContain('more than one message begins with "msg-"');
    expect(stderr).toMatch(/write more of it: msg-\w+, msg-\w+/);
    for (const id of [one, two]) expect((await found(id))?.read).toBe(false);
  });

  test("one that none begins with is not found", async () => {
    const { code, stderr } = await room.ov(["mail", "read", "msg-zzzz"]);
    expect([code, stderr]).toEqual([3, expect.stringContaining('no message "msg-zzzz"')]);
  });

  test("in ov memory show, ov forget and ov rollback, of a note", async () => {
    await room.json("remember", "--key", "release-day", "--text", "Friday");
    expect((await room.json("memory", "show", "release")).key).toBe("release-day");
    expect((await room.json("forget", "rel")).key).toBe("release-day");
    const { changes } = await room.json("rollback", "rele", "--to", "1");
    expect(changes[0].key).toBe("release-day");
    await room.json("remember", "--key", "release-note", "--text", "x");
    const { code, stderr } = await room.ov(["forget", "release"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("release-day, release-note")]);
  });
});

describe("ov remember reads like ov mail send", () => {
  test.each([
    ["--text", ["--text", "by a flag"]],
    ["--body", ["--body", "by a flag"]],
    ["words", ["by", "a", "flag"]],
  ])("the note comes from %s", async (_, words) => {
    const note = await room.json("remember", "--key", "k", "--from", "ann", ...words);
    expect(note).toMatchObject({ key: "k", agent: "ann", body: "by a flag" });
  });

  test("the note comes from stdin", async () => {
    const { stdout } = await room.ov(["remember", "--json"], { input: "by a pipe" });
    expect(JSON.parse(stdout).body).toBe("by a pipe");
  });

  test("given twice, it is refused", async () => {
    const { code, stderr } = await room.ov(["remember", "one", "--text", "two"]);
    expect(code).not.toBe(0);
    expect(stderr).toContain("given twice");
  });
});

test("JSON calls an agent agent, and keeps the old name beside it", async () => {
  await room.json("group", "create", "docs", "bo");
  const [status, agents, group, added] = await Promise.all([
    room.json("status", "--all"),
    room.json("agents", "list"),
    room.json("group", "status", "docs"),
    room.json("agents", "add", "eve"),
  ]);
  for (const row of [...status.agents, ...agents.agents, ...group.members, added]) {
    expect(row.agent).toMatch(/^\w/);
    expect(row.name).toBe(row.agent);
  }
});

describe("a team with an agent", () => {
  test("a missing .overstory/specs/x is found in .overture/specs/x, from any folder", async () => {
    const specs = join(room.root, ".overture", "specs");
    writeFileSync(join(specs, "t-9.md"), "Build the ninth thing");
    mkdirSync(join(room.root, "deep"), { recursive: true });
    const sling = (name: string, spec: string) =>
      `ov sling t-9 --name ${name} --runtime scripted --spec ${spec} --json`;
    const first = await sh(room, `cd deep && ${sling("spy", ".overstory/specs/t-9.md")}`);
    expect(JSON.parse(first.stdout)).toMatchObject({
      success: true,
      agent: "spy",
      agentName: "spy",
    });
    await room.becomes("spy", "idle");
    expect(room.reached("spy", "Build the ninth thing")).toBe(1);
    const wrong = await sh(room, sling("spy-2", ".overstory/specs/none.md"));
    expect(wrong.code).toBe(3);
  });

  test("ov trace takes a beginning of its task and of its session", async () => {
    const { agents } = await room.json("status");
    expect(agents.map((one: { taskId: string }) => one.taskId)).toContain("t-9");
    const [task, { sessions }] = [
      await room.json("trace", "t-"),
      await room.json("inspect", "spy"),
    ];
    const session = await room.json("trace", sessions[0].id.slice(0, -1));
    for (const { events } of [task, session]) expect(events[0].agent).toBe("spy");
  });

  test("ov past --session takes a session's number, its id, and not another agent's", async () => {
    const { sessions } = await room.json("inspect", "spy");
    const ask = (which: string) => room.ov(["past", "spy", "--ask", "why?", "--session", which]);
    // The scripted agent's conversation cannot be asked: the session itself was found.
    for (const which of ["1", sessions[0].id, sessions[0].id.slice(0, -1)]) {
      expect((await ask(which)).stderr).toContain("session 1 of spy cannot be asked");
    }
    expect((await ask("session-none")).code).toBe(3);
  });

  test("a conflict that was told is not told again until the branch moves", async () => {
    const git = (...args: string[]) => room.git(...args);
    const commit = (file: string, text: string, where: string) => {
      writeFileSync(join(where, file), text);
      git("-C", where, "add", "-A");
      git("-C", where, "commit", "-qm", text);
    };
    const tree = join(room.root, ".overture", "worktrees", "spy");
    commit("same.txt", "theirs", tree);
    commit("same.txt", "ours", room.root);
    const letters = async () => (await listed("--type", "merge_failed", "--limit", "99")).length;
    await room.ov(["merge", "--all"]);
    expect(await letters()).toBe(1);
    const { stdout } = await room.ov(["merge", "--all", "--json"]);
    expect(JSON.parse(stdout).outcomes[0].status).toBe("conflict");
    expect(await letters()).toBe(1);
    commit("other.txt", "more of mine", room.root);
    await room.ov(["merge", "--all"]);
    expect(await letters()).toBe(1);
    commit("same.txt", "theirs, still", tree);
    await room.ov(["merge", "--all"]);
    expect(await letters()).toBe(2);
  });
});
