import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Person } from "../panes/person.ts";
import { OV, until } from "../team-room.ts";

const me = new Person();
const mark = (name: string) => join(me.room.base, name);
/** A message of whoever runs this, and a file once it was tried. */
const script = (name: string, before = "") => {
  const send = `${OV} mail send --project ${me.room.root} --to anna --subject ${name} --body b`;
  writeFileSync(
    mark(`${name}.sh`),
    `${before}${send} >${mark(name)}.out 2>&1\ntouch ${mark(name)}\n`,
  );
  return mark(`${name}.sh`);
};
const senderOf = async (subject: string) => {
  await until(subject, () => existsSync(mark(subject)), Boolean);
  const { messages } = await me.room.json("mail", "list", "--to", "anna");
  return messages.find((one: { subject: string }) => one.subject === subject)?.from;
};

beforeAll(async () => {
  await me.room.json("agents", "add", "anna");
  const wait = `until [ -e ${mark("go")} ]; do sleep 0.1; done\n`;
  me.line(`sh ${script("beside", wait)} &`);
  me.line(me.agent());
  await until(
    "the composer",
    () => me.screen(),
    (text) => text.includes("❯\u00a0"),
  );
  expect(await me.room.ov(["adopt", "%0", "--socket", "person", "--name", "zoe"])).toMatchObject({
    code: 0,
  });
  await me.room.becomes("zoe", "idle");
}, 120_000);
afterAll(() => me.close());

test("what an adopted program starts is the agent's, whatever its environment", async () => {
  const path = `${dirname(process.execPath)}:/usr/bin:/bin`;
  me.line(`RUN: env -i PATH=${path} sh ${script("below")}`);
  expect(await senderOf("below")).toBe("zoe");
});

test("what a person starts beside it, in the same pane, is the person's", async () => {
  writeFileSync(mark("go"), "");
  expect(await senderOf("beside")).toBe("orchestrator");
});
