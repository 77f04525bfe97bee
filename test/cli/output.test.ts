import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TeamRoom } from "../team-room.ts";
import { letter, send } from "./post.ts";

const room = new TeamRoom();
beforeAll(async () => {
  for (const name of ["bo", "ann"]) await room.json("agents", "add", name);
});
afterAll(() => room.close());

interface Outcome {
  code: number;
  /** The `code` of a JSON failure, or `success`. */
  says: string;
  call: (id: string) => string[];
}

/** Letters go from bo to ann. */
const EXITS: Record<string, Outcome> = {
  "what is done": { code: 0, says: "success", call: () => ["mail", "list"] },
  "an ack by somebody else": {
    code: 1,
    says: "refused",
    call: (id) => ["mail", "ack", id, "--agent", "orchestrator"],
  },
  "a priority that does not exist": {
    code: 64,
    says: "usage",
    call: () => letter({ to: "ann", priority: "huge" }),
  },
  "an option that does not exist": { code: 64, says: "usage", call: () => ["status", "--bogus"] },
  "an argument that is missing": { code: 64, says: "usage", call: () => ["mail", "read"] },
  "a limit of 0": { code: 64, says: "usage", call: () => ["mail", "list", "--limit", "0"] },
  "no recipient": { code: 64, says: "usage", call: () => ["mail", "send", "--subject", "s"] },
  "a message that is not there": {
    code: 3,
    says: "not_found",
    call: () => ["mail", "read", "msg-0"],
  },
  "a recipient whom nobody knows": {
    code: 3,
    says: "not_found",
    call: () => letter({ to: "anne" }),
  },
  "a letter that nobody reads in time": {
    code: 4,
    says: "held",
    call: () => letter({ to: "ann", wait: "seen", timeout: "100ms" }),
  },
};

describe.each(Object.entries(EXITS))("%s", (_, { code, says, call }) => {
  test(`is exit code ${code}`, async () => {
    const id = await send(room, { to: "ann" });
    expect(await room.ov(call(id))).toMatchObject({ code });
  });

  test(`with --json is one object on stdout that says ${says}, and exit code ${code}`, async () => {
    const id = await send(room, { to: "ann" });
    const result = await room.ov([...call(id), "--json"]);
    expect(result.stdout.endsWith("}\n")).toBe(true);
    const answer = JSON.parse(result.stdout);
    expect(answer.success ? "success" : answer.error.code).toBe(says);
    expect(result.code).toBe(code);
  });
});

test("a letter that was offered and not proved in time is exit code 5", async () => {
  await room.json("agents", "add", "late");
  const waiting = room.ov([...letter({ to: "late", wait: "seen", timeout: "3s" }), "--json"]);
  const injected = async () => (await room.ov(inject)).stdout;
  const inject = ["mail", "check", "--inject", "--agent", "late"];
  await expect.poll(injected, { timeout: 2_500 }).toContain("You have 1 new message");
  const { code, stdout } = await waiting;
  expect([code, JSON.parse(stdout).outcome]).toEqual([5, "open"]);
});

test("a success is success and the command first, then the data, not nested", async () => {
  const { stdout } = await room.ov(["group", "list", "--json"]);
  expect(stdout).toBe('{"success":true,"command":"group list","groups":[]}\n');
});

test("a failure is message first, then code and hint", async () => {
  const { stdout } = await room.ov(["mail", "read", "msg-0", "--json"]);
  expect(stdout).toBe(
    '{"success":false,"command":"mail read","error":{"message":"there is no message \\"msg-0\\"","code":"not_found","hint":"list them with: ov mail list"}}\n',
  );
});

test("a failure without a hint has none", async () => {
  const { stdout } = await room.ov(["status", "--bogus", "--json"]);
  expect(Object.keys(JSON.parse(stdout).error)).toEqual(["message", "code"]);
});

test("without --json a failure is on stderr, with the hint below it", async () => {
  expect(await room.ov(["mail", "read", "msg-0"])).toEqual({
    code: 3,
    stdout: "",
    stderr: 'ov: there is no message "msg-0"\n    list them with: ov mail list\n',
  });
});

test("a warning is on stderr, beside the JSON", async () => {
  const call = letter({ to: "ann", type: "worker_done" });
  const { stdout, stderr } = await room.ov([...call, "--json"]);
  expect(stderr).toBe("ov: worker_done was sent without --payload\n");
  expect(JSON.parse(stdout).success).toBe(true);
});

test("a usage failure with --json says nothing on stderr", async () => {
  expect(await room.ov(["status", "--bogus", "--json"])).toMatchObject({ stderr: "" });
});

test("an empty answer is JSON too", async () => {
  const { stdout } = await room.ov(["mail", "check", "--agent", "nobody-yet", "--json"]);
  expect(JSON.parse(stdout)).toEqual({
    success: true,
    command: "mail check",
    messages: [],
    waiting: 0,
  });
});

test("a check that comes too soon is JSON too", async () => {
  const check = ["mail", "check", "--agent", "hasty", "--debounce", "60000", "--json"];
  await room.ov(check);
  await send(room, { to: "ann" });
  expect(JSON.parse((await room.ov(check)).stdout)).toMatchObject({ success: true, messages: [] });
});

test("outside a project it is not found, and says what to do", async () => {
  const { code, stdout } = await room.ov(["status", "--json"], { env: { OV_ROOT: "/nowhere" } });
  expect([code, JSON.parse(stdout).error]).toEqual([
    3,
    {
      message: "no project at /nowhere",
      code: "not_found",
      hint: "unset OV_ROOT, or run: ov init",
    },
  ]);
});

test("a wrong config is wrong usage that names the field", async () => {
  const bad = new TeamRoom();
  try {
    bad.configure("mail:\n  ratePerMinute: many\n");
    const { code, stderr } = await bad.ov(letter());
    expect([code, stderr]).toEqual([64, expect.stringMatching(/mail\.ratePerMinute: expected/)]);
  } finally {
    await bad.close();
  }
});

test("a letter of a megabyte comes out whole through a pipe", async () => {
  await room.json("agents", "add", "big");
  const body = "x".repeat(1 << 20);
  await room.ov(["mail", "send", "--to", "big", "--subject", "s"], { input: body });
  const { stdout } = await room.ov(["mail", "check", "--agent", "big", "--json"]);
  expect(JSON.parse(stdout).messages[0].body).toBe(body);
});
