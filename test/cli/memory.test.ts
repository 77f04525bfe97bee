import { afterAll, beforeAll, expect, test } from "vitest";
import { TeamRoom } from "../team-room.ts";

const room = new TeamRoom();
const ov = (...args: string[]) => room.ov(args);
const out = async (...args: string[]) => (await ov(...args)).stdout;

beforeAll(async () => {
  await ov("agents", "add", "ann", "--kind", "remote");
});
afterAll(() => room.close());

test("a note is kept, recalled with its text, and listed in one line", async () => {
  expect(await out("remember", "--key", "port", "The API tests", "need port 8091")).toBe(
    "port v1\n",
  );
  const text = await out("recall", "which", "port", "api");
  expect(text).toMatch(/^port {2}v1 {2}by orchestrator .*\n {2}The API tests need port 8091\n$/);
  expect(await out("search", "8091")).toMatch(/^port +1 +orchestrator +The API tests/m);
  expect(await out("memory", "list")).toContain("port");
});

test("a text comes from stdin, by the name of its agent, with tags", async () => {
  const args = ["remember", "--key", "long", "--tag", "b,a", "--tag", "c", "--agent", "ann"];
  await room.ov(args, { input: "one\ntwo\n" });
  const [note] = (await room.json("recall", "--tag", "a", "--tag", "c")).notes;
  expect(note).toMatchObject({
    key: "long",
    body: "one\ntwo",
    tags: ["b", "a", "c"],
    agent: "ann",
  });
});

test("a rollback is said before it is done, done, and undone by another", async () => {
  await ov("remember", "--key", "plan", "first");
  await ov("remember", "--key", "plan", "second");
  expect(await out("rollback", "plan", "--to", "1", "--dry-run")).toBe(
    "would change:\nplan: v2 ▸ as v1\n",
  );
  expect((await room.json("recall", "plan")).notes[0].body).toBe("second");
  expect(await out("rollback", "plan", "--to", "1")).toBe("plan: v2 ▸ as v1\n");
  expect((await room.json("recall", "plan")).notes[0]).toMatchObject({ body: "first", version: 3 });
  const { versions } = await room.json("memory", "show", "plan");
  expect(versions.map(({ body }: { body: string }) => body)).toEqual(["first", "second", "first"]);
});

test("a note is forgotten, the way back is said, and goes", async () => {
  await ov("remember", "--key", "secret", "x");
  const text = await out("forget", "secret");
  expect(text).toContain("ov rollback secret --to 1");
  expect(await out("recall", "secret")).toBe("Nothing is known about that\n");
  expect(await out("rollback", "secret", "--to", "1")).toBe("secret: back, as v1\n");
});

test.each([
  [["forget", "prot"], 3, /did you mean "port"/],
  [["rollback", "port", "--to", "9"], 3, /no version 9/],
  [["rollback", "--to", "1"], 64, /a version is one of a note/],
  [["rollback", "port"], 64, /name one of: to, checkpoint/],
  [["rollback", "port", "--to", "1", "--checkpoint", "bo"], 64, /name one of/],
  [["rollback", "--checkpoint", "bo@1"], 3, /unknown checkpoint "bo@1"/],
  [["rollback", "port", "--to", "soon"], 64, /no version and no time/],
  [["remember", "x", "--key", "a/b"], 64, /not valid/],
  [["remember", "x", "--importance", "9"], 64, /write 1 \(least\) to 5/],
])("ov %j is refused with words", async (args, code, message) => {
  const result = await room.ov(args);
  expect([result.code, result.stderr]).toEqual([code, expect.stringMatching(message)]);
});
