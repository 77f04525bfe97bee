import { readdirSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TeamRoom } from "../team-room.ts";

let room: TeamRoom;
beforeAll(() => {
  room = new TeamRoom();
});
afterAll(() => room.close());

/** All but the one for roles without a template of their own. */
const ROLES = readdirSync("templates/roles")
  .map((name) => name.replace(/\.md$/, ""))
  .filter((name) => name !== "default");
const TASK = "Build the login form; tests in test/login.";
/** More than tokenizers make of our prompts: docs/speed.md. */
const tokens = (text: string) => Math.ceil(text.length / 3);

test.each(ROLES)(
  "a %s costs at most 900 tokens of ours at its start, and nothing by hooks",
  async (role) => {
    const files = ["--files", "src/login,test/login"];
    const who = ["--capability", role, "--name", `${role}-1`, "--parent", "orchestrator"];
    await room.json("sling", "login-form", ...who, ...files, "--prompt", TASK);
    await expect.poll(() => room.state(`${role}-1`), { timeout: 90_000 }).toBe("idle");
    const [first] = room.requests(`${role}-1`);
    expect(first!.new.map(({ source }) => source)).toEqual(["prompt"]);
    const prompt = first!.new[0]!.text;
    expect(prompt).toContain(TASK);
    expect(first!.system).toContain(`You are ${role}-1`);
    expect(tokens(`${first!.system}\n${prompt}`.replace(TASK, ""))).toBeLessThanOrEqual(900);
  },
);

test("what stands around a letter costs at most 100 tokens", async () => {
  const words = ["--subject", "Moved", "--body", "The form is in src/forms.", "--wake"];
  await room.json("mail", "send", "--to", "builder-1", "--from", "lead-1", ...words);
  await expect.poll(() => room.reached("builder-1", "src/forms"), { timeout: 90_000 }).toBe(1);
  const given = room
    .requests("builder-1")
    .slice(1)
    .flatMap((request) => request.new);
  const text = given.map((part) => part.text).join("\n");
  expect(tokens(text.replace("The form is in src/forms.", ""))).toBeLessThanOrEqual(100);
});
