import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TeamRoom } from "../team-room.ts";

const SOON = { timeout: 90_000, interval: 100 };
const room = new TeamRoom();
const ov = (...args: string[]) => room.ov(args);
const idle = () => expect.poll(() => room.state("bo"), SOON).toBe("idle");

beforeAll(async () => {
  await ov("agents", "add", "ann", "--kind", "remote");
  await ov("agents", "add", "ben", "--kind", "remote");
  await ov("sling", "t-1", "--name", "bo", "--prompt", "begin");
});
afterAll(() => room.close());

describe("ask", () => {
  test("prints the answer that came in its thread, and takes it for the asker", async () => {
    const asking = ov("ask", "ann", "Which port?", "--from", "ben", "--timeout", "20s");
    const question = async () => (await room.json("mail", "list", "--to", "ann")).messages[0];
    await expect.poll(async () => (await question())?.type, SOON).toBe("question");
    await ov("mail", "reply", (await question()).id, "--from", "ann", "--body", "8091");
    expect(await asking).toMatchObject({ code: 0, stdout: "8091\n" });
    const check = await room.json("mail", "check", "--agent", "ben");
    expect(check.messages).toEqual([]);
  });

  test("without an answer in time ends with 4 for a question that is still queued", async () => {
    const { code, stderr } = await ov("ask", "ann", "Still there?", "--timeout", "200ms");
    expect([code, stderr]).toEqual([4, expect.stringContaining("no answer within 200ms")]);
  });

  test("an unknown agent is an error that names who exists", async () => {
    const { code, stderr } = await ov("ask", "anne", "?");
    expect([code, stderr]).toEqual([3, expect.stringContaining('did you mean "ann"')]);
  });
});

describe("when", () => {
  test("idle is said once the agent is at its prompt", async () => {
    const { code, stdout } = await ov("when", "bo", "idle", "--timeout", "20s");
    expect([code, stdout]).toEqual([0, "bo is idle\n"]);
  });

  test("a goal that is not reached in time ends with 5", async () => {
    await idle();
    expect((await ov("when", "bo", "done", "--timeout", "300ms")).code).toBe(5);
  });

  test("an unknown goal is an error that names all", async () => {
    const { code, stderr } = await ov("when", "bo", "ready");
    expect([code, stderr]).toEqual([64, expect.stringContaining("idle, waiting, done")]);
  });

  test("asked for twice by mail, done is told once, and not before the report", async () => {
    await idle();
    expect((await room.json("when", "bo", "done", "--mail", "ann")).new).toBe(true);
    expect((await room.json("when", "bo", "done", "--mail", "ann")).new).toBe(false);
    const told = async () => {
      const { messages } = await room.json("mail", "list", "--to", "ann", "--from", "overture");
      return messages.map((m: { subject: string }) => m.subject);
    };
    expect(await told()).toEqual([]);
    const report = [
      "mail",
      "send",
      "--to",
      "orchestrator",
      "--from",
      "bo",
      "--type",
      "worker_done",
    ];
    await ov(...report, "--subject", "Built it", "--body", "b");
    await expect.poll(told, SOON).toEqual(["bo reported: Built it"]);
    await ov(...report, "--subject", "Again", "--body", "b");
    await ov("deliver", "--once");
    expect(await told()).toEqual(["bo reported: Built it"]);
  });

  test("waiting is told while a dialog is open", async () => {
    await idle();
    await room.json("when", "bo", "waiting", "--mail", "ben");
    room.tmux("send-keys", "-t", "=bo:", "-l", "ASK: true");
    await expect.poll(() => room.screen("bo"), SOON).toContain("ASK: true");
    room.tmux("send-keys", "-t", "=bo:", "Enter");
    const told = async () =>
      (await room.json("mail", "list", "--to", "ben", "--from", "overture")).messages.length;
    await expect.poll(told, SOON).toBe(1);
    const answer = await ov("answer", "bo", "No");
    expect(answer.stderr + answer.stdout).toContain("answered: No");
    await idle();
  });
});

describe("loops", () => {
  const reply = async (id: string, from: string) =>
    ov("mail", "reply", id, "--from", from, "--body", "and you?", "--json");

  test("the twenty-first answer in a row without a person is refused, and nothing is stored", async () => {
    const first = ["mail", "send", "--to", "ben", "--from", "ann", "--subject", "s", "--body", "b"];
    let { id } = await room.json(...first);
    for (let n = 0; n < 20; n++) {
      const { code, stdout } = await reply(id, n % 2 === 0 ? "ben" : "ann");
      expect(code).toBe(0);
      id = JSON.parse(stdout).id;
    }
    const refused = await reply(id, "ben");
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout).error.message).toContain("looks like a loop");
    const { messages } = await room.json("mail", "thread", id);
    expect(messages).toHaveLength(21);
  });

  test("an agent cannot write to itself", async () => {
    const self = ["mail", "send", "--to", "ann", "--from", "ann", "--subject", "s", "--body", "b"];
    const { code, stderr } = await ov(...self);
    expect([code, stderr]).toEqual([1, expect.stringContaining("cannot write to itself")]);
  });

  test("two agents pass their limit together, and a person does not count", async () => {
    room.configure("mail:\n  ratePerMinute: 0\n  pairPerTenMinutes: 2\n");
    const send = (from: string, to: string) =>
      room.ov(["mail", "send", "--to", to, "--subject", "s", "--body", "b"], {
        env: { OV_AGENT: from },
      });
    const codes = [];
    for (let n = 0; n < 4; n++)
      codes.push((await send(n % 2 ? "ann" : "ben", n % 2 ? "ben" : "ann")).code);
    expect(codes).toEqual([0, 0, 1, 1]);
    expect((await send("orchestrator", "ann")).code).toBe(0);
    room.configure("");
  });
});
