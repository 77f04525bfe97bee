import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TeamRoom, until } from "../team-room.ts";

let room: TeamRoom;
beforeEach(async () => {
  room = new TeamRoom();
  await room.json("sling", "t-1", "--name", "bo", "--prompt", "build-it-4471");
  await room.becomes("bo", "idle");
});
afterEach(() => room.close());

const path = () => join(room.root, ".overture/agents/bo/checkpoint.json");
const saved = () => (existsSync(path()) ? JSON.parse(readFileSync(path(), "utf8")) : undefined);
const person = (text: string) => {
  room.tmux("send-keys", "-t", "=bo:", "-l", text);
  room.tmux("send-keys", "-t", "=bo:", "Enter");
};

test("the end of a turn leaves a checkpoint, and the next within a minute no other", async () => {
  const first = await until("a checkpoint", saved, (found) => found !== undefined);
  expect(first).toMatchObject({ agentName: "bo", taskId: "t-1", moment: "turn" });
  person("RUN: echo x > new-file");
  await until(
    "the file",
    () => existsSync(join(room.root, ".overture/worktrees/bo/new-file")),
    Boolean,
  );
  await room.becomes("bo", "idle");
  const { events } = await room.json("logs", "--agent", "bo");
  const kinds = events.filter(({ kind }: { kind: string }) => kind === "checkpoint.saved");
  expect(kinds).toHaveLength(1);
});

test("a program that is killed leaves a checkpoint of its crash", async () => {
  await until("a checkpoint", saved, (found) => found !== undefined);
  writeFileSync(join(room.root, ".overture/worktrees/bo/half.txt"), "half\n");
  process.kill(-Number(readFileSync(join(room.session("bo"), "pid"), "utf8")), "SIGKILL");
  const crash = await until("the crash", saved, ({ moment }) => moment === "crash");
  expect(crash.uncommitted).toEqual(["half.txt"]);
});

test("stop leaves a checkpoint of the session's end", async () => {
  await until("a checkpoint", saved, (found) => found !== undefined);
  writeFileSync(join(room.root, ".overture/worktrees/bo/half.txt"), "half\n");
  await room.json("stop", "bo");
  expect(saved()).toMatchObject({ moment: "session_end", uncommitted: ["half.txt"] });
});

test("after a compaction the agent is told its task, files and letters, before anything else", async () => {
  const ask = ["mail", "send", "--to", "bo", "--type", "question", "--wake", "--from", "lead-1"];
  const { id } = await room.json(...ask, "--subject", "which-port-88", "--body", "?");
  await until(
    "the question",
    () => room.receipt(id, "bo"),
    ({ state }) => state === "seen",
  );
  await room.becomes("bo", "idle");
  writeFileSync(join(room.root, ".overture/worktrees/bo/half.txt"), "half\n");
  person("/compact");
  await until(
    "the compaction",
    () => room.screen("bo"),
    (text) => text.includes("Compacted"),
  );
  await room.becomes("bo", "idle");
  expect(saved()).toMatchObject({ moment: "compaction", uncommitted: ["half.txt"] });
  person("go on");
  await until(
    "its next request",
    () => room.requests("bo").at(-1)!,
    ({ new: parts }) => parts.some(({ text }) => text === "go on"),
  );
  const given = room
    .requests("bo")
    .at(-1)!
    .new.map(({ text }) => text)
    .join("\n");
  for (const fact of ["You are bo", "t-1", "half.txt", id, "which-port-88"])
    expect(given).toContain(fact);
});
