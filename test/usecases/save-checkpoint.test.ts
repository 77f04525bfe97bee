import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { agentFiles } from "../../src/adapters/agent-files.ts";
import { openRepo } from "../../src/adapters/git.ts";
import { openStore } from "../../src/adapters/sqlite/store.ts";
import type { Store } from "../../src/ports/store.ts";
import { lastCheckpoint, saveCheckpoint } from "../../src/usecases/save-checkpoint.ts";
import { type GitRoom, gitRoom } from "../git-room.ts";

let room: GitRoom;
let store: Store;
const NOBODY = {
  socket: "none",
  serverPid: 1,
  serverStart: 1,
  pane: "%0",
  panePid: 1,
  mark: "s-1",
};

beforeEach(() => {
  room = gitRoom();
  room.commit({ "a.txt": "one\n" });
  store = openStore(join(room.base, "test.db"));
  store.agents.put({ name: "bo", kind: "local", role: "builder" });
  store.agents.update("bo", { task: "t-1" });
  store.sessions.start({
    id: "s-1",
    agent: "bo",
    generation: 1,
    runtime: "scripted",
    pane: NOBODY,
    dir: room.base,
    runtimeSession: "one",
    transcript: "one.jsonl",
    startedAt: Date.now(),
  });
});
afterEach(() => {
  store.close();
  room.remove();
});

const tools = (lastWords: () => Promise<string>) => ({
  store,
  repo: openRepo(room.root),
  now: Date.now,
  files: agentFiles(room.base),
  lastWords,
});

test("words that are saved while another checkpoint is made are not lost", async () => {
  const said = { summary: "half", pending: "the other half" };
  // The end of a turn looks at the transcript; meanwhile the agent calls `ov checkpoint`.
  const turn = tools(async () => {
    await saveCheckpoint(
      tools(async () => "older words"),
      "bo",
      "manual",
      said,
    );
    return "newer words";
  });
  await saveCheckpoint(turn, "bo", "turn");
  const kept = {
    moment: "turn",
    lastWords: "newer words",
    progressSummary: "half",
    pendingWork: "the other half",
  };
  expect(lastCheckpoint(store, "bo")).toMatchObject(kept);
  const copy = JSON.parse(readFileSync(join(room.base, "agents/bo/checkpoint.json"), "utf8"));
  expect(copy).toEqual(lastCheckpoint(store, "bo"));
});
