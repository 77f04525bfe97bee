import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readHelp } from "../cli/help-page.ts";
import { send, sh } from "../cli/post.ts";
import { TeamRoom } from "../team-room.ts";

const room = new TeamRoom();
beforeAll(() => room.json("agents", "add", "bo"));
afterAll(() => room.close());

describe("what every verb takes may stand before it", () => {
  test.each([
    [["--json", "status"], "status"],
    [["--json", "mail", "list"], "mail list"],
    [["mail", "--json", "list"], "mail list"],
    [["--quiet", "--json", "agents", "list"], "agents list"],
  ])("ov %j is JSON of %s", async (words, command) => {
    const { code, stdout } = await room.ov(words);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ success: true, command });
  });

  test("a wrong word after it is a JSON failure too", async () => {
    const { stdout } = await room.ov(["--json", "status", "--bogus"]);
    expect(JSON.parse(stdout)).toMatchObject({ success: false, error: { code: "usage" } });
  });

  test.each([
    ["--quiet", "status"],
    ["status", "--quiet"],
  ])("ov %s %s prints nothing", async (...words) => {
    expect(await room.ov(words)).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("--quiet leaves what went wrong", async () => {
    const { code, stderr } = await room.ov(["--quiet", "explain", "nobody"]);
    expect(code).toBe(3);
    expect(stderr).toContain('unknown agent "nobody"');
  });

  test.each([
    ["--timing", "agents", "list"],
    ["agents", "list", "--timing"],
  ])("ov %s %s %s says how long it took", async (...words) => {
    const { code, stdout, stderr } = await room.ov(words);
    expect(code).toBe(0);
    expect(stdout).toContain("bo");
    expect(stderr).toMatch(/^ov: agents list took \d+ ms\n$/);
  });

  test("an option's own value is no such option", async () => {
    const { id } = await room.json(
      "mail",
      "send",
      "--to",
      "bo",
      "--subject",
      "--quiet",
      "--body",
      "b",
    );
    const { messages } = await room.json("mail", "list", "--to", "bo");
    expect(messages.find((one: { id: string }) => one.id === id).subject).toBe("--quiet");
  });
});

describe("--project", () => {
  const from = (...words: string[]) =>
    sh(room, `cd / && ov ${words.map((word) => `'${word}'`).join(" ")}`);

  test.each(["before", "after"])(
    "%s the verb, it names the project from anywhere",
    async (where) => {
      const named = ["--project", room.root];
      const words =
        where === "before" ? [...named, "status", "--json"] : ["status", "--json", ...named];
      const { code, stdout } = await from(...words);
      expect(code).toBe(0);
      expect(JSON.parse(stdout).project).toBe(room.root);
    },
  );

  test("it goes before OV_ROOT, and a folder below the project will do", async () => {
    mkdirSync(join(room.root, "below"), { recursive: true });
    const { stdout } = await sh(room, "OV_ROOT=/nowhere ov status --json --project below");
    expect(JSON.parse(stdout).project).toBe(room.root);
  });

  test("a hook finds the letters of the project that it names", async () => {
    await send(room, { to: "bo", from: "orchestrator", body: "from far away" });
    const { stdout } = await from(
      "mail",
      "check",
      "--inject",
      "--agent",
      "bo",
      "--project",
      room.root,
    );
    expect(stdout).toContain("from far away");
  });

  test("ov init makes the project there", async () => {
    const { root } = await room.json("init", "--project", room.root);
    expect(root).toBe(room.root);
  });

  test("a folder that is not there is named", async () => {
    const { code, stderr } = await room.ov(["--project", "nowhere", "status"]);
    expect(code).toBe(3);
    expect(stderr).toContain(`there is no folder ${join(room.root, "nowhere")}`);
  });

  test("a folder in no project is named", async () => {
    const { code, stderr } = await room.ov(["status", "--project", "/"]);
    expect(code).toBe(3);
    expect(stderr).toContain("no Overture project in / or above it");
  });
});

describe("a word of others leads to the verb that is meant", () => {
  test.each(["ls", "ps"])("ov %s is ov status", async (word) => {
    const [asked, plain] = await Promise.all([
      room.ov([word, "--all"]),
      room.ov(["status", "--all"]),
    ]);
    expect(asked.code).toBe(0);
    expect(asked.stdout).toContain("bo");
    expect(asked.stdout.split("\n").length).toBe(plain.stdout.split("\n").length);
  });

  test.each([
    ["inbox", "ov mail list --unread"],
    ["send bo hello there", "type: ov mail send --to bo --subject 'hello there'"],
    ["send", "ov mail send --to <agent> --subject <subject>"],
    ["start login", "ov sling login"],
    ["kill bo", "type: ov stop bo"],
    ["reply msg-1 --body done", "type: ov mail reply msg-1 --body done"],
    ["unread", "ov mail list --unread"],
    ["approve bo", "type: ov answer bo"],
  ])("ov %s: %s", async (call, command) => {
    const { code, stdout, stderr } = await room.ov(call.split(" "));
    expect(stderr).toContain(command);
    expect(stdout).toBe("");
    expect(code).not.toBe(0);
  });

  test("with --json the hint stands in the failure", async () => {
    const { stdout } = await room.ov(["kill", "bo", "--json"]);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: "usage",
      hint: expect.stringContaining("ov stop bo"),
    });
  });
});

test("the help of ov lists the verbs under headings", async () => {
  const { stdout } = await room.ov(["--help"]);
  const heads = stdout.match(/^[A-Z]\w+:$/gm);
  expect(heads).toEqual(expect.arrayContaining(["Start:", "Agents:", "Look:", "Mail:", "Memory:"]));
  expect(stdout).not.toContain("Other:");
  const terms = readHelp(stdout).commands.map(({ term }) => term);
  expect(terms).toEqual(expect.arrayContaining(["mail", "status", "sling"]));
});

describe("a group of tasks", () => {
  const tasks = async () => (await room.json("group", "status", "batch")).tasks;

  test("counts what is completed, and closes by itself", async () => {
    const made = await room.json("group", "create", "batch", "t-1", "t-2");
    expect(made).toMatchObject({ group: "batch", total: 2, completed: 0, open: 2, closed: false });
    const payload = (taskId: string) =>
      JSON.stringify({ taskId, branch: "b", exitCode: 0, filesModified: [] });
    for (const task of ["t-1", "t-2"]) {
      const words = ["--to", "orchestrator", "--from", "bo", "--subject", "done", "--body", "b"];
      await room.json(
        "mail",
        "send",
        ...words,
        "--type",
        "worker_done",
        "--payload",
        payload(task),
      );
    }
    expect((await tasks()).map((task: { state: string }) => task.state)).toEqual([
      "completed",
      "completed",
    ]);
    const { stdout } = await room.ov(["group", "status"]);
    expect(stdout).toContain("2 of 2 completed, 0 in progress, 0 blocked, 0 open; closed");
  });

  test("a slip of an agent's name, or a task beside agents, is refused", async () => {
    await room.json("agents", "add", "reviewer-1");
    const slip = await room.ov(["group", "create", "g", "reviewer-2"]);
    expect([slip.code, slip.stderr]).toEqual([3, expect.stringContaining('mean "reviewer-1"')]);
    expect((await room.ov(["group", "create", "g", "bo", "some-task"])).code).toBe(3);
    await room.json("group", "create", "g", "bo");
    expect((await room.ov(["group", "add", "g", "some-task"])).code).toBe(3);
  });
});

test("ov status of one agent is about it alone", async () => {
  const { agents } = await room.json("status", "bo");
  expect(agents.map((one: { agent: string }) => one.agent)).toEqual(["bo"]);
  expect((await room.ov(["status", "nobody"])).code).toBe(3);
});

test("ov status --watch prints again when something changes, and ends with its process", async () => {
  const watching = room.start(["status", "--watch", "--all"]);
  let text = "";
  watching.stdout.on("data", (chunk) => {
    text += chunk;
  });
  const ended = new Promise((done) => watching.on("exit", done));
  try {
    await expect.poll(() => text, { timeout: 30_000 }).toContain("bo");
    await room.json("agents", "add", "later-on");
    await expect.poll(() => text, { timeout: 30_000 }).toContain("later-on");
  } finally {
    watching.kill();
    await ended;
  }
});
