import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { table } from "../../src/cli/table.ts";
import { clip, columns } from "../../src/domain/columns.ts";
import { TeamRoom, until } from "../team-room.ts";

const SOON = { timeout: 60_000, interval: 100 };

describe("a table", () => {
  const rows = [
    ["builder-1", "運ぶ人", "waits at a dialog that is long, and longer than any terminal is wide"],
    ["👩‍👩‍👧 bo", "lead", "short"],
    ["ev", "\u001b[31mred role\u001b[39m", ""],
  ];
  const widths = (text: string) => text.split("\n").map(columns);

  test.each([40, 60, 80, 120])("is never wider than %i columns", (width) => {
    const text = table(["AGENT", "ROLE", "NOTE"], rows, width);
    expect(Math.max(...widths(text))).toBeLessThanOrEqual(width);
    expect(text).toContain("builder-1");
    if (width < 90) expect(text).toContain("…");
  });

  test("is not cut where the width is not known", () => {
    expect(table(["AGENT", "ROLE", "NOTE"], rows, Number.POSITIVE_INFINITY)).not.toContain("…");
  });

  test("its columns begin at the same place beside wide letters, emoji and colours", () => {
    const text = table(
      ["AGENT", "ROLE", "X"],
      rows.map(([a, b]) => [a!, b!, "x"]),
      80,
    );
    const ends = text.split("\n").map((line) => columns(line));
    expect(new Set(ends).size).toBe(1);
  });

  test.each([
    ["plain", 5],
    ["運ぶ人", 6],
    ["한국어", 6],
    ["é", 1],
    ["e\u0301", 1],
    ["👍🏽", 2],
    ["👩‍👩‍👧", 2],
    ["❤️", 2],
    ["🇩🇪", 2],
    ["\u001b[1mbold\u001b[22m", 4],
    ["a\u200bb", 2],
  ])("%j takes %i columns", (text, width) => {
    expect(columns(text)).toBe(width);
  });

  test.each([
    ["運ぶ人", 4, "運…"],
    ["plain", 5, "plain"],
    ["plain", 4, "pla…"],
    ["\u001b[31mplain\u001b[39m", 3, "\u001b[31mpl…\u001b[39m"],
  ])("%j cut to %i is %j", (text, width, cut) => {
    expect(clip(text, width)).toBe(cut);
    expect(columns(clip(text, width))).toBeLessThanOrEqual(width);
  });
});

describe("a team", () => {
  const room = new TeamRoom();
  const bo = "bo";
  beforeAll(async () => {
    await room.json("sling", "t-1", "--name", bo);
    await room.becomes(bo, "idle");
  });
  afterAll(() => room.close());
  const type = (...keys: string[]) => room.tmux("send-keys", "-t", `=${bo}:`, ...keys);
  async function prompt(text: string): Promise<void> {
    type("-l", text);
    await until(
      "what is typed",
      () => room.screen(bo),
      (screen) => screen.includes(text),
    );
    type("Enter");
  }

  test("ov status fits in 80 columns, whatever the task is called", async () => {
    const long = "a-task-with-a-name-that-goes-on-and-on-as-names-of-tasks-do";
    await room.json("sling", long, "--name", "an-agent-with-a-rather-long-name");
    const { stdout } = await room.ov(["status"], { env: { COLUMNS: "80" } });
    expect(Math.max(...stdout.split("\n").map(columns))).toBeLessThanOrEqual(80);
    expect(stdout).toContain("an-agent-with-a-rather-long-name");
    await room.ov(["stop", "an-agent-with-a-rather-long-name"]);
  });

  describe("at a dialog", () => {
    beforeAll(async () => {
      await prompt("ASK: touch made-by-dialog");
      await room.becomes(bo, "waiting");
    });
    afterAll(async () => {
      await room.json("answer", bo, "2");
      await room.becomes(bo, "idle");
    });

    test("ov status tells what it is about, its options and the command", async () => {
      const [{ stdout }, { agents }] = await Promise.all([
        room.ov(["status"]),
        room.json("status"),
      ]);
      expect(stdout).toContain("bo asks: Do you want to proceed?");
      expect(stdout).toContain("touch made-by-dialog");
      expect(stdout).toContain("ov answer bo <number>");
      expect(agents.find((one: { agent: string }) => one.agent === bo).dialog).toMatchObject({
        question: "Do you want to proceed?",
        subject: expect.stringContaining("touch made-by-dialog"),
        options: ["Yes", "No"],
        answer: "ov answer bo <number>",
      });
    });

    test("ov answer without an option lists them, and presses nothing", async () => {
      const before = room.screen(bo);
      const [{ code, stdout }, data] = await Promise.all([
        room.ov(["answer", bo]),
        room.json("answer", bo),
      ]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/1\. Yes\n +2\. No/);
      expect(data).toMatchObject({ agent: bo, options: ["Yes", "No"], marked: 1 });
      expect(room.screen(bo)).toBe(before);
    });
  });

  test("ov answer without an option and without a dialog says so", async () => {
    const { code, stderr } = await room.ov(["answer", bo]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("no dialog is open")]);
  });

  test("ov peek --lines has what scrolled away, and no more than was asked for", async () => {
    // A program on the alternate screen, as agents are, has nothing above it.
    room.tmux("set-option", "-g", "-w", "alternate-screen", "off");
    await room.json("sling", "t-2", "--name", "eve");
    await room.becomes("eve", "idle");
    const tty = room.tmux("list-panes", "-t", "=eve:", "-F", "#{pane_tty}").trim();
    writeFileSync(tty, Array.from({ length: 120 }, (_, i) => `row-${i}.\r\n`).join(""));
    const lines = async (n: string): Promise<string[]> =>
      (await room.json("peek", "eve", "--lines", n)).lines;
    await expect
      .poll(() => lines("300"), SOON)
      .toEqual(expect.arrayContaining(["row-3.", "row-100."]));
    expect((await lines("7")).length).toBe(7);
    expect((await room.json("peek", "eve")).lines).not.toContain("row-3.");
    await room.json("stop", "eve");
  });

  describe("ov diff", () => {
    const tree = join(room.root, ".overture", "worktrees", bo);
    beforeAll(() => {
      writeFileSync(join(tree, "committed.txt"), "one\n");
      room.git("-C", tree, "add", "-A");
      room.git("-C", tree, "commit", "-qm", "one");
      writeFileSync(join(tree, "README.md"), "# changed\n");
      writeFileSync(join(tree, "new.txt"), "new\n\u001b[2Jgone\n");
      writeFileSync(join(room.root, "other.txt"), "other\n");
      room.git("add", "-A");
      room.git("commit", "-qm", "the base goes on");
    });

    test("has commits, uncommitted changes and new files, and not what the base did since", async () => {
      const index = () => readFileSync(join(room.root, ".git", "worktrees", bo, "index"));
      const before = index();
      const { base, branch, files, patch } = await room.json("diff", bo);
      expect([base, branch]).toEqual(["main", "ov/bo/t-1"]);
      expect(files.map((one: { path: string }) => one.path).sort()).toEqual([
        "README.md",
        "committed.txt",
        "new.txt",
      ]);
      expect(patch).toContain("+# changed");
      expect(index()).toEqual(before);
      expect(room.git("-C", tree, "status", "--porcelain")).toBe(" M README.md\n?? new.txt\n");
    });

    test("prints nothing that a terminal would obey, in names and in lines", async () => {
      mkdirSync(join(tree, "odd"), { recursive: true });
      writeFileSync(join(tree, "odd", "na\u001b[31mme\nx"), "x\n");
      const { stdout } = await room.ov(["diff", bo]);
      expect(stdout).toContain("+[2Jgone");
      expect(stdout.replace(/\u001b\[[0-9;]*m/g, "")).not.toContain("\u001b");
      expect(stdout).not.toContain("na\u001b[31m");
    });

    test("--stat names the files only", async () => {
      const { stdout } = await room.ov(["diff", bo, "--stat"]);
      expect(stdout).toContain("committed.txt");
      expect(stdout).not.toContain("+# changed");
    });

    test("of an agent without work, of nobody, and against a branch that is not there", async () => {
      await room.json("agents", "add", "ann");
      expect((await room.ov(["diff", "ann"])).code).toBe(1);
      expect((await room.ov(["diff", "nobody"])).code).toBe(3);
      expect((await room.ov(["diff", bo, "--base", "nowhere"])).code).toBe(3);
    });
  });

  describe("a wrong setting", () => {
    afterAll(() => room.configure(""));

    test.each([
      [
        "restart:\n  polcy: never\n",
        /line \d+: restart: unknown field polcy \(did you mean "policy"\?\)/,
      ],
      [
        "helth:\n  stalledMinutes: 3\n",
        /line \d+: \(file\): unknown field helth \(did you mean "health"\?\)/,
      ],
      ["merge:\n  gates: yes\n", /line \d+: merge\.gates: expected array/],
      [
        "runtimes:\n  claude:\n    arg: []\n",
        /line \d+: runtimes\.claude: unknown field arg \(did you mean "args"\?\)/,
      ],
      ["merge: [\n", /line \d+/],
    ])("%j is named with its line, and ov status goes on", async (config, message) => {
      room.configure(config);
      const path = join(room.root, ".overture", "config.yaml");
      const word = [...config.matchAll(/^\s+(\w+):/gm)].at(-1)?.[1] ?? "merge";
      const line =
        readFileSync(path, "utf8")
          .split("\n")
          .findIndex((row) => row.includes(word)) + 1;
      const sent = await room.ov(["mail", "send", "--to", "bo", "--subject", "s", "--body", "b"]);
      expect(sent.code).toBeGreaterThan(0);
      expect(sent.stderr).toMatch(message);
      if (config.includes("polcy") || config.includes("arg:"))
        expect(sent.stderr).toContain(`line ${line}:`);
      const status = await room.ov(["status"]);
      expect(status.code).toBe(0);
      expect(status.stdout).toMatch(message);
      expect(status.stdout).toContain(bo);
      const { configError, agents } = await room.json("status");
      expect(configError).toMatch(message);
      expect(agents.find((one: { agent: string }) => one.agent === bo).state).toBe("idle");
    });
  });
});
