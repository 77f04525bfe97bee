import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TeamRoom, until } from "../team-room.ts";

let room: TeamRoom;
beforeEach(() => {
  room = new TeamRoom();
});
afterEach(() => room.close());

const BRIEF = "build the thing-4471";
const pidOf = (generation: number) =>
  Number(readFileSync(join(room.session("bo", generation), "pid"), "utf8"));

/** A prompt that a person types into bo's pane. */
function person(text: string): void {
  room.tmux("send-keys", "-t", "=bo:", "-l", text);
  room.tmux("send-keys", "-t", "=bo:", "Enter");
}

/** bo at work: a file in no commit, a letter without an answer, and what it said is left. */
async function atWork(): Promise<string> {
  await room.json("sling", "t-1", "--name", "bo", "--prompt", BRIEF);
  await room.becomes("bo", "idle");
  writeFileSync(join(room.root, ".overture/worktrees/bo/half.txt"), "half\n");
  const ask = [
    "--to",
    "bo",
    "--type",
    "question",
    "--wake",
    "--subject",
    "which-port-88",
    "--body",
    "?",
  ];
  const { id } = await room.json("mail", "send", ...ask, "--from", "lead-1");
  await until(
    "the question",
    () => room.receipt(id, "bo"),
    ({ state }) => state === "seen",
  );
  await room.becomes("bo", "idle");
  await room.json("checkpoint", "--agent", "bo", "--pending", "left-to-do-992");
  return id;
}

function successorKnows(id: string, generation = 2): void {
  const [first] = room.requests("bo", generation);
  const text = first!.new.map((part) => part.text).join("\n");
  for (const fact of [BRIEF, "ov/bo/t-1", "half.txt", "left-to-do-992", id, "which-port-88"]) {
    expect(text).toContain(fact);
  }
}

test("a handoff gives the same pane a new session that knows task, files, letters and what is left", async () => {
  const id = await atWork();
  const pane = room.tmux("display-message", "-p", "-t", "=bo:", "#{pane_id}");
  const old = pidOf(1);
  const { record } = await room.json("handoff", "bo", "--wait", "0");
  await room.becomes("bo", "idle");
  expect(room.tmux("display-message", "-p", "-t", "=bo:", "#{pane_id}")).toBe(pane);
  expect(() => process.kill(old, 0)).toThrow();
  successorKnows(id);
  expect(record).toMatchObject({ reason: "manual", checkpoint: { taskId: "t-1" } });
  expect(record.toSessionId).toMatch(/^session-/);
});

test("a letter that waits during a handoff reaches the successor, once", async () => {
  await room.json("sling", "t-1", "--name", "bo", "--prompt", BRIEF);
  await room.becomes("bo", "idle");
  person("RUN: sleep 60");
  await room.becomes("bo", "busy");
  const { id } = await room.json(
    "mail",
    "send",
    "--to",
    "bo",
    "--subject",
    "s",
    "--body",
    "waits-71",
  );
  await room.json("handoff", "bo", "--wait", "0");
  await until(
    "the letter",
    () => room.receipt(id, "bo"),
    ({ state }) => state === "seen",
  );
  expect([room.reached("bo", "waits-71", 1), room.reached("bo", "waits-71", 2)]).toEqual([0, 1]);
});

test("before a handoff the agent is asked for its own words, and they reach the successor", async () => {
  const say = `ov checkpoint --summary done-half-55 --pending the-other-half-56`;
  const script = `rules:\n  - when: { from: overture }\n    do:\n      - run: ${say}\n`;
  writeFileSync(join(room.root, "script.yaml"), script);
  room.configure(`runtimes:\n  scripted:\n    args: ["--script", "${room.root}/script.yaml"]\n`);
  await room.json("sling", "t-1", "--name", "bo", "--prompt", BRIEF);
  await room.becomes("bo", "idle");
  const { told, record } = await room.json("handoff", "bo");
  expect(told).toBe(true);
  expect(record.checkpoint).toMatchObject({ progressSummary: "done-half-55" });
  await room.becomes("bo", "idle");
  expect(room.reached("bo", "the-other-half-56", 2)).toBe(1);
});

test("an agent hands itself over from within its own program", async () => {
  await room.json("sling", "t-1", "--name", "bo", "--prompt", BRIEF);
  await room.becomes("bo", "idle");
  person("RUN: ov handoff --pending rest-31");
  const second = () => existsSync(join(room.session("bo", 2), "home", "requests.jsonl"));
  await until("the successor", second, (is) => is);
  await room.becomes("bo", "idle");
  expect(room.reached("bo", "rest-31", 2)).toBe(1);
});

test("a handoff that cannot be stored ends nothing", async () => {
  await atWork();
  const pid = pidOf(1);
  room.tmux("set-option", "-p", "-t", "=bo:", "@ov_test", "1");
  const result = await room.ov(["handoff", "bo", "--wait", "0", "--runtime", "nothing"]);
  expect(result).toMatchObject({ code: 3 });
  process.kill(pid, 0);
  expect(await room.state("bo")).toBe("idle");
});

test("a killed program is brought back by resume with its work; one that was stopped by name only", async () => {
  const id = await atWork();
  process.kill(-pidOf(1), "SIGKILL");
  await room.becomes("bo", "exited");
  const { agents } = await room.json("resume", "--all");
  expect(agents).toMatchObject([{ agent: "bo", how: "primed", why: "exit code 137" }]);
  await room.becomes("bo", "idle");
  successorKnows(id);
  expect((await room.json("resume", "bo")).agents).toEqual([{ agent: "bo", how: "running" }]);
  await room.ov(["stop", "bo"]);
  expect((await room.json("resume", "--all")).agents).toEqual([]);
  expect((await room.json("resume", "bo")).agents).toMatchObject([{ how: "primed" }]);
  await room.becomes("bo", "idle");
});

test("after the tmux server was killed, resume --all brings the whole team back", async () => {
  const id = await atWork();
  await room.json("sling", "t-2", "--name", "ada", "--prompt", "x");
  await room.becomes("ada", "idle");
  await room.endServer("ov");
  const { agents } = await room.json("resume", "--all");
  expect(
    agents.map(({ agent, why }: { agent: string; why: string }) => `${agent}: ${why}`),
  ).toEqual(["bo: its tmux server is gone", "ada: its tmux server is gone"]);
  await room.becomes("bo", "idle");
  await room.becomes("ada", "idle");
  successorKnows(id);
});

test("a pane that a person closed is not brought back by --all", async () => {
  await room.json("sling", "t-2", "--name", "ada", "--prompt", "x");
  await atWork();
  room.tmux("kill-pane", "-t", "=bo:");
  await until(
    "bo gone",
    () => room.state("bo"),
    (state) => state !== "idle",
  );
  expect((await room.json("resume", "--all")).agents).toEqual([]);
});

test("another agent takes over task, branch, worktree and letters, in the same pane", async () => {
  const id = await atWork();
  const pane = room.tmux("display-message", "-p", "-t", "=bo:", "#{pane_id}");
  await room.json("sling", "t-2", "--name", "kid", "--parent", "bo", "--prompt", "x");
  const letter = ["--subject", "s", "--body", "for-whoever-31"];
  const unread = await room.json("mail", "send", "--to", "bo", ...letter);
  const { agent, record } = await room.json("handoff", "bo", "--to", "al", "--wait", "0");
  expect([agent, record.toAgent]).toEqual(["al", "al"]);
  await room.becomes("al", "idle");
  expect(room.tmux("display-message", "-p", "-t", "=al:", "#{pane_id}")).toBe(pane);
  const [first] = room.requests("al");
  const text = first!.new.map((part) => part.text).join("\n");
  for (const fact of [
    "over the work of bo",
    BRIEF,
    "ov/bo/t-1",
    "half.txt",
    "left-to-do-992",
    id,
  ]) {
    expect(text).toContain(fact);
  }
  expect(existsSync(join(room.root, ".overture/worktrees/al/half.txt"))).toBe(true);
  expect(existsSync(join(room.root, ".overture/worktrees/bo"))).toBe(false);
  await room.ov(["nudge", "al"]);
  await until(
    "the unread letter",
    () => room.receipt(unread.id, "al"),
    ({ state }) => state === "seen",
  );
  expect(room.reached("al", "for-whoever-31")).toBe(1);
  // Who knows only the old name is heard all the same.
  const late = await room.json("mail", "send", "--to", "bo", "--from", "kid", ...letter);
  expect(late.recipients).toEqual(["al"]);
  const { checkpoint } = await room.json("checkpoint", "--agent", "al");
  expect(checkpoint).toMatchObject({
    agentName: "al",
    taskId: "t-1",
    pendingWork: "left-to-do-992",
  });
  expect((await room.ov(["resume", "bo"])).stderr).toContain("no worktree");
});

test("who has work of its own takes over nothing, and nobody is ended", async () => {
  await room.json("sling", "t-1", "--name", "bo", "--prompt", BRIEF);
  await room.json("sling", "t-2", "--name", "al", "--prompt", "x");
  await room.becomes("bo", "idle");
  const refused = async (to: string) =>
    (await room.ov(["handoff", "bo", "--wait", "0", "--to", to])).stderr;
  expect(await refused("al")).toContain("al runs with work of its own");
  expect(await refused("bo")).toContain("bo has the work already");
  expect(await refused("../al")).toContain("name");
  expect(await refused("orchestrator")).toContain("no agent that ov runs");
  expect(await room.state("bo")).toBe("idle");
});

test("who cannot be replaced is refused at once, and asked nothing", async () => {
  await room.json("sling", "t-1", "--name", "bo", "--prompt", BRIEF);
  await room.becomes("bo", "idle");
  await room.json("stop", "bo");
  const stopped = await room.ov(["handoff", "bo"]);
  expect([stopped.code, stopped.stderr]).toEqual([1, expect.stringContaining("ov resume bo")]);
  const unknown = await room.ov(["handoff", "ada"]);
  expect([unknown.code, unknown.stderr]).toEqual([3, expect.stringContaining('agent "ada"')]);
  expect((await room.json("mail", "list")).messages).toEqual([]);
});
