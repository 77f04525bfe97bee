import { expect, test } from "vitest";
import { parseConfig } from "../../src/adapters/config-yaml.ts";
import { generic, readGeneric } from "../../src/adapters/runtimes/generic.ts";

const SETTINGS = {
  prompt: "^ask> (.*)$",
  busy: "^thinking",
  dialog: "\\[y/n\\]",
  error: "^failed: .*",
};
const frame = (lines: string[], cursorY: number, cursorX = 80, width = 80) => ({
  lines,
  cursorX,
  cursorY,
  width,
});
const read = (lines: string[], cursorY = lines.length - 1, cursorX?: number, width?: number) =>
  readGeneric(frame(lines, cursorY, cursorX, width), SETTINGS);

test("the prompt at the cursor's row is an empty composer, though its space is not printed", () => {
  expect(read(["hello", "ask>"], 1, 5)).toMatchObject({
    focus: "composer",
    draft: "",
    busy: false,
  });
});

test("what stands behind the prompt is the draft; dim text is none", () => {
  expect(read(["ask> half a"], 0, 11).draft).toBe("half a");
  expect(read(["ask> \u001b[2mTry this\u001b[0m"], 0, 5).draft).toBe("");
});

test("a draft that is wrapped over full rows is read whole", () => {
  const rows = ["ask> aaaaa", "bbbbbbbbbb", "cc"];
  expect(read(rows, 2, 2, 10).draft).toBe("aaaaabbbbbbbbbbcc");
});

test("a prompt above the cursor is history, and nothing is known", () => {
  expect(read(["ask> old", "answer", "more"])).toMatchObject({ focus: "none", busy: false });
});

test("work near the cursor is busy, with or without a prompt", () => {
  expect(read(["thinking", ""])).toMatchObject({ focus: "none", busy: true, detail: "thinking" });
  expect(read(["thinking", "ask>"], 1, 5)).toMatchObject({ busy: true });
});

test("a dialog has the keys, even with a prompt", () => {
  const dialog = { kind: "other", question: "[y/n]", options: [] };
  expect(read(["really? [y/n]", "ask>"], 1, 5)).toMatchObject({ focus: "dialog", dialog });
});

test("an error is told in its own words", () => {
  const reading = read(["failed: no money", "ask>"], 1, 5);
  expect(reading).toMatchObject({ error: true, detail: "failed: no money" });
});

test("its program is known by its name and all words of the config", () => {
  const repl = generic("repl", { command: "node", args: ["/x/repl.mjs", "--say={{prompt}}"] });
  expect(repl.isProgram(["node", "/x/repl.mjs", "--say=a"])).toBe(true);
  expect(repl.isProgram(["/usr/bin/node", "/x/other.mjs"])).toBe(false);
  const script = generic("helper", { args: [] });
  expect(script.isProgram(["python3", "/opt/helper"])).toBe(true);
  expect(script.isProgram(["bash", "--norc"])).toBe(false);
});

const config = (fields: string) => `project:\n  name: shop\nruntimes:\n  repl: ${fields}\n`;

test.each([
  ['{ type: generic, prompt: "^> (.*$" }', "runtimes.repl.prompt: expected a regular expression"],
  ['{ type: generic, prompt: "^> .*$" }', "runtimes.repl.prompt: expected a group"],
  ['{ type: generic, prompt: "> (.*)", busy: "[" }', "runtimes.repl.busy: expected a regular"],
  ["{ type: generic }", "runtimes.repl.prompt: expected how its composer's line looks"],
  ['{ prompt: "> (.*)" }', "runtimes.repl.prompt: only for type: generic"],
  ['{ type: generic, prompt: "> (.*)", command: /bin/bash }', "a shell would run what is typed"],
  ['{ type: generic, prompt: "> (.*)", commands: [zsh] }', "a shell would run what is typed"],
  ['{ type: generic, prompt: "> (.*)", commands: ["a b"] }', "runtimes.repl.commands.0: expected"],
  ["{ type: special }", "runtimes.repl.type: expected generic"],
])("the config %s is refused by its field", (fields, words) => {
  expect(() => parseConfig(config(fields), "config.yaml")).toThrow(words);
});
