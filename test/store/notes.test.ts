import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openStore } from "../../src/adapters/sqlite/store.ts";
import { parseTarget } from "../../src/domain/note.ts";
import type { Store } from "../../src/ports/store.ts";
import { forget, remember, rollback } from "../../src/usecases/keep-memory.ts";

let dir: string;
let store: Store;
let clock = 1_000_000;
beforeEach(() => {
  const rooms = process.env.OV_TEST_ROOMS ?? tmpdir();
  mkdirSync(rooms, { recursive: true });
  dir = mkdtempSync(join(rooms, "notes-"));
  clock = 1_000_000;
  store = openStore(join(dir, "a.db"), { now: () => clock });
});
afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true, force: true });
});

let ids = 0;
const tools = () => ({ store, now: () => clock, newId: (prefix: string) => `${prefix}-${++ids}` });
const keep = (text: string, more: object = {}) => {
  clock += 1_000;
  return remember(tools(), { text, agent: "bo", ...more });
};
const found = (text: string, more: object = {}) =>
  store.notes.find({ text, limit: 10, ...more }).map(({ body }) => body);
const back = (key: string | undefined, target: string, isTrial = false) =>
  rollback(tools(), { key, target: parseTarget(target, clock), agent: "ann", isTrial });
const body = (key: string) => store.notes.get("memory", key)?.body;

test("three texts under one key are three versions, and only the newest is found", () => {
  for (const word of ["apple", "pear", "plum"]) keep(`the fruit is ${word}`, { key: "fruit" });
  expect(store.notes.history("memory", "fruit").map(({ version }) => version)).toEqual([1, 2, 3]);
  expect([found("fruit"), found("apple")]).toEqual([["the fruit is plum"], []]);
});

test("a rollback to the first version is a fourth one, and the history is kept", () => {
  for (const word of ["apple", "pear", "plum"]) keep(word, { key: "fruit", tags: [word] });
  expect(back("fruit", "1", true).map(({ to }) => to?.body)).toEqual(["apple"]);
  expect(body("fruit")).toBe("plum");
  back("fruit", "1");
  const [last] = store.notes.history("memory", "fruit").slice(-1);
  expect(last).toMatchObject({ version: 4, body: "apple", tags: ["apple"], agent: "ann" });
  expect([found("", { tags: ["apple"] }), found("", { tags: ["plum"] })]).toEqual([["apple"], []]);
  expect(back("fruit", "1")).toEqual([]);
});

test("a rollback to a time brings back what was forgotten and forgets what came since", () => {
  keep("old", { key: "a" });
  keep("gone", { key: "b" });
  const then = new Date(clock).toISOString();
  clock += 5_000;
  forget(tools(), "b", "bo");
  keep("new", { key: "a" });
  keep("later", { key: "c" });
  back(undefined, then);
  expect([body("a"), body("b"), body("c")]).toEqual(["old", "gone", undefined]);
  clock += 1_000;
  back(undefined, "1s");
  expect([body("a"), body("b"), body("c")]).toEqual(["old", "gone", undefined]);
  back(undefined, "1500ms");
  expect([body("a"), body("b"), body("c")]).toEqual(["new", undefined, undefined]);
});

test("a rollback never brings back what would be gone again at once", () => {
  keep("short", { key: "a", expires: 500 });
  const then = new Date(clock).toISOString();
  clock += 1_000;
  keep("long", { key: "a" });
  expect(() => back("a", "1")).toThrow(/version 1 of a expired at/);
  expect(back(undefined, then).map(({ to }) => to)).toEqual([undefined]);
  expect([body("a"), back(undefined, then)]).toEqual([undefined, []]);
});

test("a rollback to a checkpoint takes all notes to its time, and none when it is a trial", () => {
  const checkpoint = (name: string) => {
    clock += 1_000;
    store.notes.put({ kind: "checkpoint", key: name, agent: name, body: "{}" });
  };
  const to = (id: string, isTrial = false) =>
    rollback(tools(), { target: { checkpoint: id }, agent: "ann", isTrial }).map(({ key }) => key);
  keep("one", { key: "a" });
  checkpoint("bo");
  keep("two", { key: "a" });
  checkpoint("bo");
  keep("later", { key: "b" });
  expect([to("bo@1", true), body("a"), body("b")]).toEqual([["a", "b"], "two", "later"]);
  expect([to("bo"), body("a"), body("b")]).toEqual([["b"], "two", undefined]);
  expect([to("bo@1"), body("a")]).toEqual([["a"], "one"]);
  expect(() => to("bo@3")).toThrow(/no checkpoint bo@3/);
  expect(() => to("bi")).toThrow(/unknown checkpoint "bi"/);
});

test("what is forgotten or has expired is not found, and its versions stay", () => {
  keep("kept apple");
  keep("forgotten apple", { key: "f" });
  keep("expired apple", { expires: 500 });
  forget(tools(), "f", "bo");
  clock += 1_000;
  expect(found("apple")).toEqual(["kept apple"]);
  expect(store.notes.history("memory", "f").map(({ isGone }) => isGone)).toEqual([false, true]);
  expect(() => forget(tools(), "f", "bo")).toThrow(/unknown note "f"/);
});

test("all words stand before some, a key before a text, the important before the rest", () => {
  keep("the server starts slowly");
  keep("the server of the tests needs a port");
  keep("any text", { key: "server" });
  expect(found("server port")[0]).toBe("the server of the tests needs a port");
  expect(found("server")[0]).toBe("any text");
  keep("lock the door", { importance: 1 });
  keep("lock the door now", { importance: 5 });
  keep("lock the door", { importance: 2 });
  expect(found("lock door")[0]).toBe("lock the door now");
});

describe("a word that is in more than a thousand notes", () => {
  beforeEach(() => {
    store.notes.together(() => {
      keep("the old tests of the port", { tags: ["rare"] });
      keep("quokka tests", { importance: 1 });
      keep("quokka alone", { importance: 5 });
      keep("what they are", { key: "tests", agent: "ann" });
      for (let n = 0; n < 1_500; n++) keep(`tests number${n}x are green`, { tags: ["many"] });
    });
  });

  test("ranks nothing, and still counts as a word to have", () => {
    expect(found("quokka tests", { limit: 2 })).toEqual(["quokka tests", "quokka alone"]);
    expect(found("tests number77x green")[0]).toBe("tests number77x are green");
    expect(found("tests", { limit: 3 })).toHaveLength(3);
  });

  test("finds an old note by its tag", () => {
    expect(found("tests", { tags: ["rare"] })).toEqual(["the old tests of the port"]);
    expect(found("", { tags: ["many", "rare"] })).toEqual([]);
  });

  test("is the note of that key first, and of that agent only", () => {
    expect(found("tests")[0]).toBe("what they are");
    expect(found("tests", { agent: "ann" })).toEqual(["what they are"]);
    expect(found("", { agent: "ann" })).toEqual(["what they are"]);
  });
});

test("words in other forms and scripts are found, and operators mean nothing", () => {
  keep("running the tests of the Zürich office");
  keep("部署 needs approval");
  expect(found("test run zurich")).toHaveLength(1);
  expect(found("部署")).toHaveLength(1);
  expect(found('NEAR( " OR * body:x -')).toEqual([]);
  expect(found("tests", { agent: "ann" })).toEqual([]);
});

test.each([
  [{ key: "../x" }, /note key "..\/x"/],
  [{ tags: ["two words"] }, /tag "two words"/],
  [{ importance: 6 }, /importance 6/],
  [{ text: " \u001b " }, /the note is empty/],
  [{ text: "x".repeat(70_000) }, /65536 are allowed/],
])("what is no note is refused: %#", (more, message) => {
  expect(() => keep("a text", more)).toThrow(message);
  expect(found("")).toEqual([]);
});

test("a text loses what a terminal would obey, and tags are words in small letters, once", () => {
  expect(keep("a\u001b[31mb", { tags: ["Tests", "tests", "@bo"] })).toMatchObject({
    body: "a[31mb",
    tags: ["tests", "@bo"],
  });
});

test.each(["x", "-1", "2026-99-99", ""])("%j is no target of a rollback", (text) => {
  expect(() => parseTarget(text, 0)).toThrow(/no version and no time/);
});
