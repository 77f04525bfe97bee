import { readFileSync } from "node:fs";
import { Command } from "commander";
import { beforeAll, describe, expect, test } from "vitest";
import type { Context } from "../../src/cli/context.ts";
import { verbOf } from "../../src/cli/guard.ts";
import { TOOLS } from "../../src/cli/mcp/call.ts";
import { VERBS } from "../../src/cli/verbs.ts";
import type { Caller } from "../../src/domain/caller.ts";
import { decide, type Kinship, RULES } from "../../src/domain/permission.ts";
import { permissionTable } from "./permission-table.ts";

const leaves = new Map<string, Command>();

beforeAll(async () => {
  const program = new Command("ov");
  for (const verb of VERBS) {
    const command = program.command(verb.name);
    // Nothing is asked of a context until a verb is called.
    await (await verb.load())(command, { out: {} } as Context, undefined);
  }
  const walk = (command: Command): void => {
    if (command.commands.length === 0) leaves.set(verbOf(command), command);
    for (const child of command.commands) walk(child);
  };
  for (const command of program.commands) walk(command);
});

describe("the table of who may ask what", () => {
  test("has a row for every verb", () => {
    expect(leaves.size).toBeGreaterThan(60);
    expect([...leaves.keys()].filter((verb) => !Object.hasOwn(RULES, verb))).toEqual([]);
  });

  test("has no row for what there is not", () => {
    const special = [...leaves].flatMap(([verb, command]) => [
      verb,
      ...command.options.map(({ long }) => `${verb} ${long}`),
      ...command.registeredArguments.map((argument) => `${verb} <${argument.name()}>`),
    ]);
    expect(Object.keys(RULES).filter((row) => !special.includes(row))).toEqual([]);
  });

  test("names, for each row about an agent, an argument or an option that its verb has", () => {
    const wrong = Object.entries(RULES).filter(([row, { target }]) => {
      const command = [...leaves].find(([verb]) => row === verb || row.startsWith(`${verb} `))?.[1];
      if (target === undefined) return false;
      if (typeof target === "number") return !command?.registeredArguments[target];
      return !command?.options.some(({ long }) => long === target);
    });
    expect(wrong).toEqual([]);
  });

  test("has the verb of every tool of ov mcp", () => {
    expect(TOOLS.length).toBeGreaterThan(10);
    expect(TOOLS.filter(({ verb }) => !Object.hasOwn(RULES, verb)).map(({ name }) => name)).toEqual(
      [],
    );
  });

  test("is the one in docs/trust.md", () => {
    expect(readFileSync("docs/trust.md", "utf8")).toContain(permissionTable());
  });
});

const team: Kinship = {
  isAbove: (above, agent) => above === "lea" && agent === "bob",
  roleOf: (name) =>
    ({ lea: "lead", cora: "coordinator", mia: "merger", bob: "builder" })[name] ?? "builder",
  isKnown: (name) => name !== "new",
  isSet: () => false,
};
const agent = (name: string): Caller => ({ is: "agent", name, session: null, found: "pane 1" });
const outside: Caller = { is: "outside", why: "it cannot be placed", hint: "call ov elsewhere" };
const may = (caller: Caller, verb: string, args: string[] = [], given: [string, string][] = []) =>
  decide(caller, { verb, args, given: new Map(given) }, team) === undefined;

describe("the one function that decides", () => {
  test.each(Object.keys(RULES))("the person may: ov %s", (row) => {
    const [, verb = row, special] = /^(.*?) (--\S+|<.*>)$/.exec(row) ?? [];
    expect(may({ is: "person" }, verb, [], special ? [[special, "x"]] : [])).toBe(true);
  });

  test.each([
    ["stop", ["bob"], { bob: true, lea: true, eve: false }],
    ["stop", [], { bob: false, lea: false, cora: false }],
    ["resume", [], { cora: true, bob: false, lea: false }],
    ["resume", ["bob"], { bob: true, lea: true, cora: false }],
    ["interrupt", ["bob"], { bob: true, lea: true, eve: false }],
    ["handoff", [], { bob: true }],
    ["handoff", ["bob"], { bob: true, lea: true, eve: false }],
    ["worktree clean", [], { cora: true, lea: false, bob: false }],
    ["worktree clean", ["bob"], { lea: true, bob: true, eve: false }],
    ["agents remove", ["bob"], { lea: true, eve: false }],
    ["sling", [], { lea: true, cora: true, mia: false, bob: false }],
    ["merge", [], { lea: true, cora: true, mia: true, bob: false }],
    ["answer", ["bob"], { lea: true, bob: true, eve: true }],
    ["command", ["bob"], { lea: false, bob: false, cora: false }],
    ["adopt", [], { cora: false }],
    ["no such verb", [], { cora: false }],
  ] as const)("ov %s %j", (verb, args, who) => {
    const said = Object.keys(who).map((name) => [name, may(agent(name), verb, [...args])]);
    expect(Object.fromEntries(said)).toEqual(who);
  });

  test.each([
    ["mail purge", "--all"],
    ["doctor", "--fix"],
  ])("ov %s %s is the person's alone", (verb, flag) => {
    for (const name of ["bob", "lea", "cora"]) {
      expect(
        may(
          agent(name),
          verb,
          [],
          [
            [flag, "x"],
            ["--agent", name],
          ],
        ),
      ).toBe(false);
    }
  });

  test("an agent that is there is started anew by who is above it, a new one by its role", () => {
    const by = (name: string, whom: string) => may(agent(name), "sling", [], [["--name", whom]]);
    expect([by("lea", "bob"), by("lea", "new"), by("cora", "bob"), by("bob", "new")]).toEqual([
      ...[true, true, false, false],
    ]);
  });

  test("a dialog is answered by who started the agent only where a setting says so", () => {
    const asked = { verb: "answer", args: ["bob", "1"], given: new Map([["<option>", "1"]]) };
    const by = (name: string, isSet: boolean) =>
      decide(agent(name), asked, { ...team, isSet: () => isSet }) === undefined;
    expect([by("lea", false), by("lea", true), by("bob", true), by("eve", true)]).toEqual([
      ...[false, true, false, false],
    ]);
  });

  test("who cannot be placed reads, and does nothing else", () => {
    expect(may(outside, "status")).toBe(true);
    for (const verb of ["mail send", "stop", "sling", "mail check", "doctor --fix"]) {
      expect(may(outside, verb)).toBe(false);
    }
  });
});
