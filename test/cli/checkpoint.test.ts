import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TeamRoom } from "../team-room.ts";

const SOON = { timeout: 90_000, interval: 80 };
const room = new TeamRoom();
const file = (name: string) => join(room.root, ".overture", "agents", "bo", name);
const read = (name: string) => readFileSync(file(name), "utf8");
const save = (...args: string[]) => room.json("checkpoint", "--agent", "bo", ...args);

beforeAll(async () => {
  await room.ov(["agents", "add", "lead", "--kind", "remote"]);
  const prompt = [
    "RUN: echo a >a.txt && git add a.txt && git commit -qm 'a: add it'",
    "RUN: echo b >b.txt",
    "SLOW 0.6",
  ].join("\n");
  await room.ov(["sling", "t-1", "--name", "bo", "--parent", "lead", "--prompt", prompt]);
  await room.becomes("bo", "idle");
});
afterAll(() => room.close());

test("holds the task, the branch, what changed, and the last words, for people and programs", async () => {
  const { checkpoint } = await save();
  expect(checkpoint).toMatchObject({
    agentName: "bo",
    taskId: "t-1",
    currentBranch: "ov/bo/t-1",
    filesModified: ["a.txt", "b.txt"],
    uncommitted: ["b.txt"],
    commits: [expect.stringMatching(/ a: add it$/)],
    pendingWork: "",
    mulchDomains: [],
    lastWords: "word1 word2 word3",
  });
  const written = JSON.parse(read("checkpoint.json"));
  expect(written).toMatchObject({ agentName: "bo", sessionId: checkpoint.sessionId });
  expect(statSync(file("checkpoint.json")).mode & 0o777).toBe(0o600);
  expect(read("handoff.md")).toMatch(/^# bo: task t-1\n/);
});

test("what the agent says of its work stays until it says something else", async () => {
  const said = ["--summary", "half done\n# no heading", "--pending", "the other half"];
  expect((await save(...said)).checkpoint.moment).toBe("manual");
  expect(read("handoff.md")).toContain("> half done\n> # no heading");
  await save("--summary", "half done");
  expect((await save()).checkpoint).toMatchObject({ progressSummary: "half done" });
  expect(read("handoff.md")).toContain("## Left\n\n> the other half");
  const { checkpoint } = await save("--pending", "");
  expect([checkpoint.progressSummary, checkpoint.pendingWork]).toEqual(["half done", ""]);
});

test("the notes of its time come back by its id, which stays while nothing of the work differs", async () => {
  await room.ov(["remember", "--key", "port", "8091"]);
  const { id } = await save("--summary", "port 8091 works");
  await room.ov(["remember", "--key", "port", "8092"]);
  expect([(await save()).id, id]).toEqual([id, expect.stringMatching(/^bo@\d+$/)]);
  const { changes } = await room.json("rollback", "--checkpoint", id);
  expect(changes[0]).toMatchObject({ key: "port", from: { body: "8092" }, to: { body: "8091" } });
  expect((await room.ov(["recall", "port"])).stdout).toContain("8091");
});

test("a second one in the same place of the work is no new version", async () => {
  await save();
  expect((await save()).new).toBe(false);
  writeFileSync(join(room.root, ".overture", "worktrees", "bo", "c.txt"), "c\n");
  const { checkpoint, new: isNew } = await save();
  expect([isNew, checkpoint.uncommitted]).toEqual([true, ["b.txt", "c.txt"]]);
});

test("letters without an answer are named, from both sides", async () => {
  const send = (...args: string[]) => room.json("mail", "send", "--body", "b", ...args);
  await send("--to", "lead", "--from", "bo", "--type", "question", "--subject", "Which port?");
  const { id } = await send("--to", "bo", "--type", "question", "--subject", "How far?", "--wake");
  await expect.poll(async () => (await room.receipt(id, "bo")).state, SOON).toBe("seen");
  const { checkpoint } = await save();
  expect(checkpoint.unacked).toEqual([
    { id, from: "orchestrator", type: "question", subject: "How far?" },
  ]);
  expect(checkpoint.asked.map(({ subject }: { subject: string }) => subject)).toEqual([
    "Which port?",
  ]);
  await room.ov(["mail", "reply", id, "--from", "bo", "--body", "half"]);
  expect((await save()).checkpoint.unacked).toEqual([]);
});

test("prime says who the agent is, where its work stood, and what others kept for it", async () => {
  await room.ov(["remember", "--key", "style", "--tag", "bo", "Tabs,\nnot blanks"]);
  await room.ov(["remember", "--tag", "ann", "not for bo"]);
  await save("--pending", "the other half");
  const { stdout } = await room.ov(["prime", "--agent", "bo"]);
  expect(stdout).toMatch(/^You are bo \(builder\), at task t-1, on branch ov\/bo\/t-1 in /);
  expect(stdout).toContain("You report to lead.");
  expect(stdout).toContain("- style: Tabs, not blanks");
  expect(stdout).not.toContain("not for bo");
  expect(stdout).toContain("## Commits");
  const short = (await room.ov(["prime", "--agent", "bo", "--compact"])).stdout;
  expect(short).toContain("> the other half");
  expect(short).not.toContain("## Commits");
});

test("an agent without a session, or that nobody knows, is an error with words", async () => {
  await room.ov(["agents", "add", "ann", "--kind", "remote"]);
  const never = await room.ov(["checkpoint", "--agent", "ann"]);
  expect([never.code, never.stderr]).toEqual([1, expect.stringContaining("never had a session")]);
  const unknown = await room.ov(["prime", "--agent", "bob"]);
  expect([unknown.code, unknown.stderr]).toEqual([3, expect.stringContaining('"bo"')]);
});
