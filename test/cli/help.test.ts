import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TeamRoom } from "../team-room.ts";
import { type HelpPage, readHelp } from "./help-page.ts";
import { sh } from "./post.ts";

interface Page extends HelpPage {
  words: string;
}

const room = new TeamRoom();
let pages: Page[] = [];
beforeAll(async () => {
  pages = await walk([]);
});
afterAll(() => room.close());

/** The help of a verb and of everything below it. */
async function walk(words: readonly string[]): Promise<Page[]> {
  const { stdout } = await room.ov([...words, "--help"]);
  const page = { words: words.join(" "), ...readHelp(stdout) };
  const names = page.commands.map(({ term }) => term.split(" ")[0]!);
  const below = names.filter((name) => name !== "help").map((name) => walk([...words, name]));
  return [page, ...(await Promise.all(below)).flat()];
}

const without = (test: (page: Page) => boolean) => pages.filter(test).map(({ words }) => words);

test("the walk finds verbs and what is below them", () => {
  expect(pages.map(({ words }) => words)).toEqual(
    expect.arrayContaining(["", "init", "mail", "mail send", "hooks status", "worktree clean"]),
  );
});

describe("every verb and subcommand", () => {
  test("has a description", () => {
    expect(without(({ description }) => description === "")).toEqual([]);
  });

  test("describes every option", () => {
    const bad = pages.flatMap(({ words, options }) =>
      options.filter(({ description }) => description === "").map(({ term }) => [words, term]),
    );
    expect(bad).toEqual([]);
  });

  test("describes every argument of its usage", () => {
    const bad = pages.flatMap((page) => {
      const named = page.usage.match(
        /<[a-z-]+(?:\.\.\.)?>|\[(?!options|command)[a-z-]+(?:\.\.\.)?\]/g,
      );
      const told = page.arguments.filter(({ description }) => description !== "");
      return (named ?? []).length === told.length ? [] : [page.words];
    });
    expect(bad).toEqual([]);
  });

  test("shows an example that begins with ov", () => {
    expect(without(({ examples }) => !examples.some((line) => /\bov /.test(line)))).toEqual([]);
  });

  test("takes --json, unless it only holds others", () => {
    const leaves = (page: Page) => page.commands.length === 0;
    const bad = (page: Page) => !page.options.some(({ term }) => term === "--json");
    expect(without((page) => leaves(page) && bad(page))).toEqual([]);
  });
});

test("ov help mail send is the help of mail send", async () => {
  const [asked, plain] = await Promise.all([
    room.ov(["help", "mail", "send"]),
    room.ov(["mail", "send", "--help"]),
  ]);
  expect(asked.stdout).toMatch(/^Usage: ov mail send /);
  expect(asked).toEqual(plain);
});

test("ov help is the help of ov", async () => {
  const [asked, plain] = await Promise.all([room.ov(["help"]), room.ov(["--help"])]);
  expect(asked).toEqual(plain);
});

test("the version is that of the package", async () => {
  const { stdout } = await room.ov(["--version"]);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each([
  ["stauts", "status"],
  ["mail sned", "send"],
  ["hooks isntall", "install"],
  ["mail send --to bo --subject s --bdy x", "--body"],
  ["help stauts", "status"],
  ["stauts --help", "status"],
])("ov %s suggests %s, as wrong usage", async (call, word) => {
  const { code, stdout, stderr } = await room.ov(call.split(" "));
  expect(stderr).toContain(`(Did you mean ${word}?)`);
  expect([code, stdout]).toEqual([64, ""]);
});

test.each([
  ["merge bo", "ov merge"],
  ["hooks install claude", "ov hooks install"],
  ["handoff bo --bogus", "ov handoff"],
])("wrong usage names the help of its own command: ov %s", async (call, command) => {
  const { code, stderr } = await room.ov(call.split(" "));
  expect([code, stderr]).toEqual([64, expect.stringContaining(`(${command} --help says what`)]);
});

test("an unknown verb with --json is a JSON failure on stdout, and nothing else", async () => {
  const { code, stdout, stderr } = await room.ov(["stauts", "--json"]);
  expect(JSON.parse(stdout)).toEqual({
    success: false,
    command: "ov",
    error: { message: "unknown command 'stauts'", code: "usage", hint: "Did you mean status?" },
  });
  expect([code, stderr]).toEqual([64, ""]);
});

test.each(["mail", "hooks", "group"])(
  "ov %s alone lists what there is, as wrong usage",
  async (verb) => {
    const { code, stdout, stderr } = await room.ov([verb]);
    expect([code, stdout]).toEqual([64, ""]);
    expect(readHelp(stderr).commands.length).toBeGreaterThan(2);
  },
);

test("a closed pipe ends the help without a crash", async () => {
  const { stderr } = await sh(room, "{ ov help; echo $? >&2; } | :");
  expect(stderr).toBe("0\n");
});
