import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parseConfig } from "../src/adapters/config-yaml.ts";
import { claude } from "../src/adapters/runtimes/claude.ts";
import { codex } from "../src/adapters/runtimes/codex.ts";
import { MCP } from "../src/adapters/runtimes/mcp-settings.ts";
import { schemaOf, TOOLS } from "../src/cli/mcp/call.ts";
import { VERBS } from "../src/cli/verbs.ts";
import { checkConfig } from "../src/domain/config.ts";
import {
  DELIVERY_STATES,
  dueAfter,
  HOLD_REASONS,
  type HoldReason,
  MOVES,
  REASON_TEXT,
} from "../src/domain/delivery.ts";
import { DIALOG_KINDS, START_DIALOGS } from "../src/domain/dialog.ts";
import { GOALS } from "../src/domain/goal.ts";
import {
  MESSAGE_TYPES,
  type MessageType,
  PRIORITIES,
  replyType,
  WANTS_ACK,
  wakes,
} from "../src/domain/message.ts";
import { PAYLOADS } from "../src/domain/payload.ts";
import { AGENT_STATES, FACT_SOURCES } from "../src/domain/state.ts";
import { CHECKS } from "../src/usecases/doctor/checks.ts";
import { readHelp } from "./cli/help-page.ts";
import { violations } from "./layers.ts";
import { TeamRoom } from "./team-room.ts";

const read = (path: string) => readFileSync(path, "utf8");
const delivery = read("docs/delivery.md");
const mail = read("docs/mail.md");

const cells = (line: string) =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
const plain = (cell = "") => cell.replaceAll("`", "");

/** The rows of the table whose head begins with these words; backticks stay. */
function table(page: string, ...head: string[]): string[][] {
  const lines = page.split("\n");
  const at = lines.findIndex(
    (line) => line.startsWith("|") && head.every((word, i) => cells(line)[i] === word),
  );
  const end = lines.findIndex((line, i) => i > at && !line.startsWith("|"));
  return at < 0 ? [] : lines.slice(at + 2, end).map(cells);
}

const column = (rows: string[][], i = 0) => rows.map((row) => plain(row[i]));
const fence = (page: string, language: string) =>
  new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "m").exec(page)?.[1] ?? "";

describe("delivery.md", () => {
  test("its moves are those that the store allows", () => {
    const drawn = table(delivery, "from", "to").map(([from, to]) => `${from} ${to}`);
    const allowed = DELIVERY_STATES.flatMap((from) =>
      MOVES[from].map((to) => `\`${from}\` \`${to}\``),
    );
    expect(drawn.toSorted()).toEqual(allowed.toSorted());
  });

  test("its picture has every state, and its arrows are moves", () => {
    const picture = fence(delivery, "");
    for (const state of DELIVERY_STATES) expect(picture).toContain(state);
    const arrows = [...picture.matchAll(/(\w+) ──[^▶\n]*──▶ (?=(\w+))/g)];
    expect(arrows.length).toBeGreaterThan(3);
    for (const [, from, to] of arrows) expect(MOVES[from as "queued"]).toContain(to);
  });

  test("its reasons of a hold are all there are, in the words of ov explain", () => {
    const said = table(delivery, "reason", "words").map((row) => row.slice(0, 3).map(plain));
    const next = (reason: HoldReason) => `${dueAfter(reason, 0) / 1000} s`;
    expect(said).toEqual(HOLD_REASONS.map((reason) => [reason, REASON_TEXT[reason], next(reason)]));
  });
});

describe("states.md", () => {
  const states = read("docs/states.md");

  test("its states are all there are", () => {
    expect(column(table(states, "state"))).toEqual([...AGENT_STATES]);
  });

  test("its sources are all there are", () => {
    expect(column(table(states, "source"))).toEqual([...FACT_SOURCES]);
  });
});

test("dialogs.md names every kind, and those that a start may answer", () => {
  const page = read("docs/dialogs.md");
  expect(column(table(page, "kind"))).toEqual([...DIALOG_KINDS]);
  const start = /`ov sling` may answer ([^.]*) dialogs where/.exec(page)?.[1] ?? "";
  expect(start.match(/\w+(?=`)/g)).toEqual([...START_DIALOGS]);
});

test("waiting.md names every goal", () => {
  expect(column(table(read("docs/waiting.md"), "goal"))).toEqual(GOALS.map(String));
});

describe("mail.md", () => {
  const types = table(mail, "type");
  const yes = (value: boolean) => (value ? "yes" : "no");

  test("its types are all there are", () => {
    expect(column(types)).toEqual([...MESSAGE_TYPES]);
  });

  test.each(MESSAGE_TYPES)("what it says of %s is what the code does", (type: MessageType) => {
    const row = types.find(([name]) => plain(name) === type)!;
    expect(row.slice(1, 4).map(plain)).toEqual([
      yes(wakes(type, "normal", false)),
      yes(WANTS_ACK.includes(type)),
      replyType(type),
    ]);
  });

  test.each(Object.keys(PAYLOADS))("the payload of %s has these fields", (type) => {
    const { shape } = PAYLOADS[type as keyof typeof PAYLOADS]._zod.def;
    const fields = Object.entries(shape).map(([name, field]) => {
      return field._zod.def.type === "optional" ? `${name}?` : name;
    });
    const row = types.find(([name]) => plain(name) === type)!;
    expect(plain(row[4]).split(" ")).toEqual(fields);
  });

  test("its priorities are all there are, in their order", () => {
    const line = /^## Priorities\n\n(.*)$/m.exec(mail)?.[1];
    expect(plain(line).split(" ")).toEqual([...PRIORITIES]);
  });
});

describe("config.md", () => {
  const page = read("docs/config.md");
  const settings = table(page, "setting");
  const empty = { project: { name: "shop" } };

  test("the documented defaults are those of a file with only the project's name", () => {
    const lines = settings
      .filter(([key, value]) => value?.startsWith("`") && !key?.includes("<"))
      .map(([key, value]) => [plain(key).split("."), plain(value)] as const);
    const written: Record<string, unknown> = { project: { name: "shop" } };
    for (const [[group = "", name], value] of lines) {
      const parsed = /^([[{\d]|true$|false$)/.test(value) ? JSON.parse(value) : value;
      if (name === undefined) written[group] = parsed;
      else written[group] = { ...(written[group] as object), [name]: parsed };
    }
    expect(checkConfig(written, "docs")).toEqual(checkConfig(empty, "docs"));
    expect(flat(written)).toEqual(flat(checkConfig(empty, "docs")));
  });

  test("the example with every setting is accepted", () => {
    expect(() => parseConfig(fence(page, "yaml"), "docs")).not.toThrow();
  });

  test("the table and the example have the same settings", () => {
    const example = flat(parseConfig(fence(page, "yaml"), "docs"));
    const keys = example.map((key) =>
      key
        .replace(/^runtimes\.\w+(\.\w+).*/, "runtimes.<name>$1")
        .replace(/^costs\.prices\.[\w-]+(\.\w+).*/, "costs.prices.<model>$1"),
    );
    const groups = ["runtimes", "costs.prices"];
    const leaves = column(settings).filter((key) => !groups.includes(key));
    expect(leaves.toSorted()).toEqual([...new Set(keys)].toSorted());
  });

  test("no setting of the code is missing", () => {
    const shape = /const shape = ([\s\S]*?)\n\}\);/.exec(read("src/domain/config.ts"))![1]!;
    const words = [...shape.matchAll(/(\w+): z\./g)].map(([, word]) => word!);
    const told = column(settings).flatMap((key) => key.split("."));
    expect(words.length).toBeGreaterThan(10);
    expect(words.filter((word) => !told.includes(word))).toEqual([]);
  });
});

/** Paths of all values that are no objects; an empty object counts as one. */
function flat(value: object, path = ""): string[] {
  return Object.entries(value)
    .flatMap(([key, inner]) => {
      const here = path ? `${path}.${key}` : key;
      const isGroup = inner !== null && typeof inner === "object" && !Array.isArray(inner);
      return isGroup && Object.keys(inner).length > 0 ? flat(inner, here) : [here];
    })
    .toSorted();
}

test("architecture.md has the table of imports that the walls hold", () => {
  const rooms = ["domain", "ports", "usecases", "adapters", "cli"];
  const rows = table(read("docs/architecture.md"), "from", "domain");
  const may = (from: string, to: string) => {
    const allowed = (line: string) => violations([{ path: `src/${from}/a.ts`, text: line }]);
    const target = `"../${to}/b.ts";`;
    if (allowed(`import { b } from ${target}`).length === 0) return "values";
    return allowed(`import type { b } from ${target}`).length === 0 ? "types" : "no";
  };
  const walls = rooms.map((from) => [from, ...rooms.map((to) => may(from, to))]);
  expect(rows.map((row) => row.slice(0, -1))).toEqual(walls);
});

describe("mcp.md", () => {
  const rows = table(read("docs/mcp.md"), "tool", "does");

  test("its tools are all there are, with the fields that they need", () => {
    const needs = TOOLS.map((tool) => [tool.name, (schemaOf(tool).required ?? []).join(" ")]);
    const told = rows.map(([name, , fields = ""]) => [plain(name), plain(fields)]);
    expect(told).toEqual(needs);
  });

  test("its files are those that an install writes", () => {
    const files = table(read("docs/mcp.md"), "runtime", "file in the project");
    const told = files.map(([name, file = ""]) => [plain(name), /`([^`]+)`/.exec(file)?.[1]]);
    expect(told).toEqual(Object.entries(MCP).map(([name, { file }]) => [name, file]));
  });
});

test("doctor.md has every check, with its category and whether --fix helps", () => {
  const told = table(read("docs/doctor.md"), "check").map(([id, category, , fix]) => [
    plain(id),
    category,
    fix !== "",
  ]);
  const checks = Object.entries(CHECKS).flatMap(([category, rows]) =>
    rows.map(({ id, fix }) => [id, category, fix !== undefined]),
  );
  expect(told).toEqual(checks);
});

test("hooks.md tells of every event that we install", () => {
  expect(column(table(read("docs/hooks.md"), "event"))).toEqual([...claude.hooks!.events]);
});

test.each([
  [claude, "@anthropic-ai/claude-code"],
  [codex, "@openai/codex"],
])("the pages name the version of $name that was measured", ({ name, measured }, pinned) => {
  const { dependencies } = JSON.parse(read("test/agents/package.json"));
  expect(read("README.md")).toContain(`measured on ${measured}`);
  expect(read(`docs/${name}.md`)).toContain(`measured on version ${measured}`);
  expect(dependencies[pinned]).toBe(measured);
});

const PAGES = [
  ...["README.md", "CONTRIBUTING.md", "AGENTS.md", "CHANGELOG.md"],
  ...readdirSync("docs")
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

test.each(PAGES)("every link in %s leads to a file that is there", (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link!);
  const broken = links.filter((link) => {
    const path = join(dirname(page), link);
    return !readdirSync(dirname(path)).includes(path.split("/").at(-1)!);
  });
  expect(broken).toEqual([]);
});

describe("the commands that the pages name", () => {
  const room = new TeamRoom();
  afterAll(() => room.close());

  /** What stands in code: `ov mail send --to`, and lines of blocks. */
  function calls(page: string): string[][] {
    const blocks = [...page.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].map(([, text]) => text!);
    const spans = [...page.replace(/^```[\s\S]*?^```/gm, "").matchAll(/`([^`\n]+)`/g)];
    const code = [...blocks, ...spans.map(([, text]) => text!)].join("\n").replace(/\\\n/g, " ");
    return [...code.matchAll(/(?:^|[\s$(])ov ([a-z][^\n|]*)/gm)].map(([, words]) =>
      words!.split(/\s+/).filter((word) => /^(--)?[a-z][a-z-]*$/.test(word)),
    );
  }

  const pages = new Map<string, string>();
  /** Read once: most are named in many places. */
  async function helpOf(...words: string[]): Promise<string> {
    const known = pages.get(words.join(" "));
    if (known !== undefined) return known;
    const { stdout } = await room.ov([...words, "--help"]);
    pages.set(words.join(" "), stdout);
    return stdout;
  }

  const named = PAGES.flatMap((page) => calls(read(page)).map((words) => ({ page, words })));
  const verbs = VERBS.map(({ name }) => name);

  test("are found", () => {
    expect(new Set(named.map(({ words }) => words[0])).size).toBeGreaterThan(10);
  });

  test("all exist", () => {
    expect(named.filter(({ words }) => !verbs.includes(words[0]!))).toEqual([]);
  });

  test.each([...new Set(named.map(({ words }) => words[0]!))])(
    "of ov %s have their subcommands and options",
    async (verb) => {
      const own = readHelp(await helpOf(verb));
      const subs = own.commands.map(({ term }) => term.split(" ")[0]!);
      for (const { page, words } of named.filter((call) => call.words[0] === verb)) {
        const sub = subs.length > 0 ? words[1] : undefined;
        if (sub !== undefined) expect(subs, `${page}: ${words.join(" ")}`).toContain(sub);
        const help = await helpOf(verb, ...(sub ? [sub] : []));
        for (const option of words.filter((word) => word.startsWith("--"))) {
          expect(help, `${page}: ${words.join(" ")}`).toContain(`${option} `);
        }
      }
    },
  );
});
