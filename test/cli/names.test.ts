import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TeamRoom } from "../team-room.ts";
import { letter, send, sh } from "./post.ts";

const room = new TeamRoom();
/** All files of the room but git's and the store's, which change with every call. */
const files = () =>
  readdirSync(room.base, { recursive: true, encoding: "utf8" })
    .filter((path) => !/\.git\/|overture\.db/.test(path))
    .sort();

let before: string[];
beforeAll(async () => {
  await send(room);
  before = files();
});
afterAll(() => room.close());

test.each([
  "mail check --agent ../../x",
  "mail check --agent ../../x --debounce 500",
  "mail send --to orchestrator --subject s --body b --from ../x",
  "mail ack msg-1 --agent a/b",
  "sling ../x",
  "sling .. --prompt p",
  "sling t-1 --name ../x --prompt p",
  "sling t-1 --capability ../x --prompt p",
  "sling t-1 --parent ../x --prompt p",
  "spec write ../../x --body b",
  "spec write /tmp/x --body b",
  "agents add ../x",
  "agents add x --role ../y",
  "group create ../x",
  "init --name ../x",
])("ov %s is wrong usage and makes no file", async (call) => {
  const { code, stderr } = await room.ov(call.split(" "));
  expect([code, stderr]).toEqual([64, expect.stringContaining("is not valid")]);
  expect(files()).toEqual(before);
});

test.each(["../x", "../../x", "a/b", ".", "..", "a b"])(
  "OV_AGENT=%s: a hook says nothing, makes no file and does not fail its agent",
  async (name) => {
    const hook = ["mail", "check", "--inject", "--event", "Stop"];
    const result = await room.ov(hook, { env: { OV_AGENT: name } });
    expect(result).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(files()).toEqual(before);
  },
);

test("OV_AGENT=../x: a command is refused", async () => {
  const { code, stderr } = await room.ov(["mail", "check"], { env: { OV_AGENT: "../x" } });
  expect([code, stderr]).toEqual([64, expect.stringContaining('"../x" is not valid')]);
});

test("an event with a path in its name writes only its agent's mark", async () => {
  const hook = "ov mail check --inject --agent nobody --event ../../x";
  expect(await sh(room, hook)).toEqual({ code: 0, stdout: "", stderr: "" });
  const made = files().filter((path) => !before.includes(path));
  expect(made).toEqual(["project/.overture/hooks/nobody"]);
  before = files();
});

test.each(["overture", "all"])("nobody sends as %s", async (name) => {
  const { code, stderr } = await room.ov(letter({ from: name }));
  expect([code, stderr]).toEqual([1, expect.stringContaining("reserved name")]);
});

test.each(["overture", "all", "orchestrator"])("no agent is started as %s", async (name) => {
  const { code, stderr } = await room.ov(["sling", "t-1", "--name", name, "--prompt", "p"]);
  expect([code, stderr]).toEqual([1, expect.stringContaining("reserved name")]);
  expect(existsSync(join(room.root, ".overture", "worktrees", name))).toBe(false);
});

test.each(["overture", "all", "orchestrator"])("nobody is registered as %s", async (name) => {
  expect(await room.ov(["agents", "add", name])).toMatchObject({ code: 1 });
});

test("mail to overture, which reads none, is refused", async () => {
  expect(await room.ov(letter({ to: "overture" }))).toMatchObject({ code: 1 });
});
