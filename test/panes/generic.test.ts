import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Person } from "./person.ts";

const SOON = { timeout: 90_000, interval: 80 };
let me: Person;
let program: string;
let log: string;

/** A program with a prompt, line by line, without any hook: what it is asked goes to a log. */
const REPL = `
import { appendFileSync } from "node:fs";
import { createInterface } from "node:readline";
const log = process.argv[2];
const rl = createInterface({ input: process.stdin, output: process.stdout, prompt: "ask> " });
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
rl.on("line", async (line) => {
  appendFileSync(log, JSON.stringify(line) + "\\n");
  if (line === "confirm") return rl.question("really? [y/n] ", () => rl.prompt());
  if (line === "quit") process.exit(0);
  process.stdout.write("thinking\\n");
  await wait(line === "slow" ? 2000 : 200);
  process.stdout.write("\\u001b[1A\\u001b[2Kanswer to " + line.length + "\\n");
  rl.prompt();
});
for (const word of process.argv.slice(3)) rl.emit("line", word);
if (process.argv.length === 3) rl.prompt();
`;

beforeEach(() => {
  me = new Person();
  program = join(me.room.base, "repl.mjs");
  log = join(me.room.base, "asked.jsonl");
  writeFileSync(program, REPL);
  configure();
});
afterEach(() => me.close());

function configure(...args: string[]): void {
  const repl = {
    type: "generic",
    command: "node",
    args: [program, log, ...args],
    prompt: "^ask> (.*)$",
    busy: "^thinking",
    dialog: "\\[y/n\\]",
  };
  me.room.configure(`runtimes:\n  repl: ${JSON.stringify(repl)}\n`);
}
const asked = (): string[] =>
  existsSync(log)
    ? readFileSync(log, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
    : [];
const state = (wanted: string) => expect.poll(() => me.room.state("bo"), SOON).toBe(wanted);
const send = async (body: string): Promise<string> => {
  const args = ["mail", "send", "--to", "bo", "--from", "lead", "--subject", "News", "--wake"];
  return (await me.room.json(...args, "--body", body)).id;
};
const receipt = (id: string) => me.room.receipt(id, "bo");
const offered = (id: string) =>
  expect.poll(async () => (await receipt(id)).state, SOON).toBe("offered");
const held = (id: string, reason: string) =>
  expect.poll(async () => (await receipt(id)).reason, SOON).toBe(reason);
const adopt = () => me.room.ov(["adopt", "%0", "--socket", "person", "--name", "bo"]);
async function adopted(): Promise<void> {
  me.line(`node ${program} ${log}`);
  await expect.poll(() => me.screen(), SOON).toContain("ask>");
  expect(await adopt()).toMatchObject({ code: 0 });
  await state("idle");
}

test("sling types the first prompt of a program that takes none as an argument, once", async () => {
  await me.room.ov(["sling", "t-1", "--name", "bo", "--runtime", "repl", "--prompt", "mark-first"]);
  await expect.poll(asked, SOON).toHaveLength(1);
  expect(asked()[0]).toMatch(/^\[ov type-\w+\] Mail for you: You have 1 new message: \|/);
  await state("idle");
  expect(asked()).toHaveLength(1);
});

test("where args hold {{prompt}} the first prompt is an argument, and nothing is typed", async () => {
  configure("{{prompt}}");
  const args = ["sling", "t-1", "--name", "bo", "--runtime", "repl", "--prompt", "mark-argument"];
  expect(await me.room.ov(args)).toMatchObject({ code: 0 });
  await state("idle");
  expect(asked()).toEqual([expect.stringContaining("mark-argument")]);
});

test("a letter of many lines is submitted once, on one line, with the words to answer it", async () => {
  await adopted();
  const id = await send("one\ntwo\nthree");
  await offered(id);
  await state("idle");
  expect(asked()).toHaveLength(1);
  expect(asked()[0]).toContain("one | two | three | [Reply with: ov mail reply");
});

test("a draft that wraps, a dialog and work hold the letter", async () => {
  await adopted();
  const draft = "half a thought ".repeat(12).trim();
  me.type("-l", draft);
  await expect.poll(() => me.screen().replaceAll("\n", ""), SOON).toContain(draft);
  const id = await send("mark-held");
  await held(id, "human_draft");
  me.type("C-u");
  me.line("slow");
  await held(id, "agent_busy");
  await offered(id);
  me.line("confirm");
  await state("waiting");
  const next = await send("mark-dialog");
  await held(next, "dialog_open");
  expect(asked().filter((line) => line.includes("mark-"))).toHaveLength(1);
  me.line("y");
}, 240_000);

test("a shell is never adopted, whatever the config calls its program", async () => {
  const { stderr } = await adopt();
  expect(stderr).toContain("no agent that is known: bash --norc");
  me.line("node");
  await expect.poll(() => me.screen(), SOON).toContain("Welcome to Node.js");
  expect((await adopt()).stderr).toContain("no agent that is known: node");
});

test("a session whose description has gone from the config is unknown, and gets nothing", async () => {
  await adopted();
  me.room.configure("");
  await state("unknown");
  const id = await send("mark-lost");
  await held(id, "agent_unknown");
  expect(asked()).toEqual([]);
});
