import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Letter } from "../../src/adapters/runtimes/scripted/letters.ts";
import { EMPTY_SCRIPT, parseScript, stepsFor } from "../../src/adapters/runtimes/scripted/rules.ts";
import { fillCommand, fillText } from "../../src/adapters/runtimes/scripted/template.ts";

const letter: Letter = {
  id: "msg-1",
  from: "lead-1",
  priority: "high",
  type: "dispatch",
  subject: "Build it",
  body: "please",
  payload: { taskId: "auth-001", files: ["a", "b"] },
};
const values = (part: Partial<Letter> = {}) => ({ agent: "me", letter: { ...letter, ...part } });
const withRun = (run: string) => `default: [{ run: ${JSON.stringify(run)} }]`;

describe("rules", () => {
  it("the first rule that matches all of its parts wins", () => {
    const script = parseScript(`
rules:
  - when: { type: dispatch, from: "^other$" }
    do: [{ say: other }]
  - when: { type: dispatch, subject: Build, body: please }
    do: [{ say: this }, { run: "true" }]
  - do: [{ say: any }]
`);
    expect(stepsFor(letter, script)).toEqual([{ say: "this" }, { run: "true" }]);
    expect(stepsFor({ ...letter, type: "status" }, script)).toEqual([{ say: "any" }]);
  });

  it("the example in the documentation is a script, and its habits are the defaults", () => {
    const page = readFileSync("docs/scripted-agent.md", "utf8");
    const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
    expect(parseScript(example).rules).toHaveLength(2);
    expect(parseScript(example).habits).toEqual(EMPTY_SCRIPT.habits);
  });

  it("a letter without a rule gets the default steps", () => {
    const script = parseScript("default: [{ count: rest }, { think: 1 }]");
    expect(stepsFor(letter, script)).toEqual([{ count: "rest" }, { think: 1 }]);
  });

  it.each([
    ["rules: 3", "rules: expected"],
    ["default: [{ runn: x }]", 'unknown key at default[0] "runn"'],
    ["default: [{ run: x, say: y }]", "default[0]: expected one of"],
    ["rules: [{ when: { from: '(' } }]", "rules[0].when.from: Invalid regular expression"],
    ["habits: { swallowEnterMs: soon }", "habits.swallowEnterMs: expected a number"],
    ["default: [{ say: '{{nobody}}' }]", "default[0].say: unknown placeholder"],
  ])("%s is refused with its place", (yaml, message) => {
    expect(() => parseScript(yaml)).toThrow(message);
  });
});

describe("placeholders", () => {
  it("fill from the letter, its payload and the agent", () => {
    const text = "{{agent}} {{id}} {{from}} {{payload.taskId}} {{payload.files}} [{{payload.no}}]";
    expect(fillText(text, values())).toBe('me msg-1 lead-1 auth-001 ["a","b"] []');
  });

  it("inherited properties of a payload are not values", () => {
    expect(fillText("[{{payload.constructor}}]", values())).toBe("[]");
  });

  it("a value from mail is one word of a command, whatever it holds", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (body) => {
        fc.pre(!body.includes("\0") && body.isWellFormed());
        const command = fillCommand("printf %s {{body}}", values({ body }));
        expect(execFileSync("sh", ["-c", command], { encoding: "utf8" })).toBe(body);
      }),
      { numRuns: 60 },
    );
    const body = "'; touch /tmp/owned; $(id) `id` \\' \"";
    const command = fillCommand("printf %s {{body}}", values({ body }));
    expect(execFileSync("sh", ["-c", command], { encoding: "utf8" })).toBe(body);
  });

  it.each([
    'echo "{{subject}}"',
    "echo '{{subject}}'",
    'echo "it is \\" {{subject}}"',
    "echo `echo {{subject}}`",
    "cat <<E\n{{subject}}\nE",
    "true # {{subject}}",
    "echo \\{{subject}}",
    "echo $'a' {{subject}}",
  ])("%s is refused: quotes around the value would not hold", (run) => {
    expect(() => parseScript(withRun(run))).toThrow("a placeholder cannot stand");
  });

  it.each([
    "ov mail reply {{id}} --body {{subject}}",
    "echo \"a # b\" {{subject}} 'c'",
    "echo a#b {{id}}",
  ])("%s is fine", (run) => {
    expect(() => parseScript(withRun(run))).not.toThrow();
  });
});
