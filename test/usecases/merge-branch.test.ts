import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isAlive } from "../../src/adapters/alive.ts";
import { openRepo } from "../../src/adapters/git.ts";
import { openStore } from "../../src/adapters/sqlite/store.ts";
import { every, pause } from "../../src/cli/context/clock.ts";
import { AppError } from "../../src/domain/errors.ts";
import { MERGE_STATUSES } from "../../src/domain/merge.ts";
import { isProtocol } from "../../src/domain/message.ts";
import { checkPayload } from "../../src/domain/payload.ts";
import type { Repo } from "../../src/ports/repo.ts";
import type { Store } from "../../src/ports/store.ts";
import {
  type MergeRequest,
  type MergeTools,
  mergeBranches,
} from "../../src/usecases/merge-branch.ts";
import { NO_LIMITS, sendMail } from "../../src/usecases/send-mail.ts";
import { type GitRoom, gitRoom, scratches } from "../git-room.ts";

let room: GitRoom;
let store: Store;
let tools: MergeTools;
let waits: string[];

beforeEach(() => {
  waits = [];
  room = gitRoom();
  room.commit({ "a.txt": "one\n", "b.txt": "one\n" });
  store = openStore(join(room.base, "test.db"));
  store.agents.put({ name: "lead", kind: "local", role: "lead" });
  store.agents.put({ name: "alice", kind: "local", role: "builder", parent: "lead" });
  tools = {
    repo: openRepo(room.root),
    store,
    now: Date.now,
    owner: `${process.pid}:0`,
    isAlive,
    pause,
    every,
    note: () => undefined,
    waits: (pid, branch) => void waits.push(`${pid} ${branch}`),
    config: { gates: [], gateMinutes: 1 },
    caller: process.env,
    send: (draft) => void sendMail(store, { ...draft, priority: "normal" }, NO_LIMITS),
  };
});

afterEach(() => {
  store.close();
  room.remove();
});

const tip = (branch: string) => room.git("rev-parse", `refs/heads/${branch}`).trim();

/** Each as a process of its own would. */
let merges = 0;
async function merge(request: MergeRequest) {
  const owner = `${process.pid}:${merges++}`;
  return (await mergeBranches({ ...tools, owner }, request)).outcomes;
}

/** Each letter with its recipients; its payload must be what its type promises. */
function letters() {
  return store.mail.list({ limit: 50 }).map(({ message, deliveries }) => {
    const payload = JSON.parse(message.payload ?? "null");
    if (isProtocol(message.type)) checkPayload(message.type, payload);
    const to = deliveries.map((delivery) => delivery.recipient).sort();
    return { type: message.type, from: message.sender, to, payload, body: message.body };
  });
}

describe("a merge", () => {
  it("moves the target to the merged commit and tells the agent and its parent", async () => {
    room.branch("ov/alice/t-1", { "a.txt": "two\n" });
    const [outcome] = await merge({ branches: ["ov/alice/t-1"] });
    expect(outcome).toMatchObject({
      status: "merged",
      agent: "alice",
      taskId: "t-1",
      files: ["a.txt"],
    });
    expect(tip("main")).toBe(outcome?.commit);
    expect(room.read("a.txt")).toBe("two\n");
    expect(letters()).toMatchObject([
      {
        type: "merged",
        from: "overture",
        to: ["alice", "lead"],
        payload: { branch: "ov/alice/t-1", taskId: "t-1", tier: "clean", commit: outcome?.commit },
      },
    ]);
  });

  it("of work whose agent is not known tells the orchestrator", async () => {
    room.branch("ov/gone/t-1", { "a.txt": "two\n" });
    await merge({ branches: ["ov/gone/t-1"] });
    expect(letters()).toMatchObject([{ type: "merged", to: ["orchestrator"] }]);
  });

  it("of a person's branch tells nobody", async () => {
    room.branch("feature", { "a.txt": "two\n" });
    expect(await merge({ branches: ["feature"] })).toMatchObject([{ status: "merged" }]);
    expect(letters()).toEqual([]);
  });

  it("of all takes open branches of agents, oldest first, each onto the one before", async () => {
    room.branch("ov/alice/t-1", { "a.txt": "two\n" });
    room.branch("ov/lead/t-2", { "b.txt": "two\n" });
    room.branch("feature", { "c.txt": "c\n" });
    const outcomes = await merge({ all: true });
    expect(outcomes.map((outcome) => [outcome.branch, outcome.status])).toEqual([
      ["ov/alice/t-1", "merged"],
      ["ov/lead/t-2", "merged"],
    ]);
    expect(room.git("rev-parse", "main^").trim()).toBe(outcomes[0]?.commit);
    expect(await merge({ all: true })).toEqual([]);
  });

  it("of a branch that the target holds is up to date and tells nobody", async () => {
    room.git("branch", "ov/alice/t-1");
    expect(await merge({ branches: ["ov/alice/t-1"] })).toMatchObject([{ status: "up_to_date" }]);
    expect(letters()).toEqual([]);
  });

  it("of a missing branch names the open ones and merges none of the others", async () => {
    room.branch("ov/alice/t-1", { "a.txt": "two\n" });
    const main = tip("main");
    await expect(merge({ branches: ["ov/alice/t-1", "ov/alice/t-2"] })).rejects.toMatchObject({
      kind: "not_found",
      hint: expect.stringContaining("ov/alice/t-1"),
    });
    expect(tip("main")).toBe(main);
  });

  it("that was done stays done when its letters cannot be sent", async () => {
    room.branch("ov/alice/t-1", { "a.txt": "two\n" });
    tools.send = () => {
      throw new AppError("rate_limited", "too many letters");
    };
    const [outcome] = await merge({ branches: ["ov/alice/t-1"] });
    expect(outcome).toMatchObject({ status: "merged", unsent: "too many letters" });
    expect(store.events.find({ limit: 99 }).map((event) => event.kind)).toContain("merge.unsent");
  });
});

describe("the target", () => {
  const into = async (named?: string) => (await mergeBranches(tools, { into: named })).into;

  it("is the named branch, then the configured one, then the current one", async () => {
    room.git("branch", "configured");
    room.git("branch", "given");
    room.git("checkout", "-q", "-b", "feature");
    expect(await into()).toBe("feature");
    tools.config = { ...tools.config, into: "configured", gates: [] };
    expect(await into()).toBe("configured");
    expect(await into("given")).toBe("given");
  });

  it("is main while the checkout is on an agent's branch or on none", async () => {
    room.git("checkout", "-q", "-b", "ov/alice/t-1");
    expect(await into()).toBe("main");
    room.git("checkout", "-q", "--detach");
    expect(await into()).toBe("main");
  });

  it("that does not exist is not made", async () => {
    await expect(into("nowhere")).rejects.toMatchObject({ kind: "not_found" });
  });
});

describe("a conflict", () => {
  it("moves nothing, names the files to agent and parent, and lets the others be merged", async () => {
    room.branch("ov/alice/t-1", { "a.txt": "alice\n" });
    room.branch("ov/lead/t-2", { "b.txt": "two\n" });
    room.commit({ "a.txt": "person\n" });
    const outcomes = await merge({ branches: ["ov/alice/t-1", "ov/lead/t-2"] });
    expect(outcomes).toMatchObject([
      { status: "conflict", conflictFiles: ["a.txt"] },
      { status: "merged" },
    ]);
    expect(room.read("a.txt")).toBe("person\n");
    expect(letters().find((letter) => letter.type === "merge_failed")).toMatchObject({
      to: ["alice", "lead"],
      payload: { branch: "ov/alice/t-1", taskId: "t-1", conflictFiles: ["a.txt"] },
    });
    expect(scratches(room)).toEqual([]);
  });
});

describe("a gate", () => {
  it("sees the merged tree, in order, and nothing of the person's edits", async () => {
    room.branch("ov/alice/t-1", { "a.txt": "two\n" });
    room.commit({ "b.txt": "two\n" });
    room.write("b.txt", "half done\n");
    tools.config = {
      ...tools.config,
      gates: ["grep -q two a.txt", "grep -q two b.txt", 'test -n "$CI"'],
    };
    expect(await merge({ branches: ["ov/alice/t-1"] })).toMatchObject([{ status: "merged" }]);
  });

  it("that fails moves nothing and its output reaches the agent", async () => {
    room.branch("ov/alice/t-1", { "a.txt": "two\n" });
    const main = tip("main");
    tools.config = {
      ...tools.config,
      gates: ["true", "echo 1 test failed; exit 1", "touch ../never"],
    };
    const [outcome] = await merge({ branches: ["ov/alice/t-1"] });
    expect(outcome).toMatchObject({
      status: "gate_failed",
      gate: { command: "echo 1 test failed; exit 1", output: "1 test failed" },
    });
    expect(tip("main")).toBe(main);
    expect(readdirSync(join(room.root, ".overture/tmp"))).toEqual([]);
    const [letter] = letters();
    expect(letter).toMatchObject({ type: "merge_failed", to: ["alice", "lead"] });
    expect(letter?.payload.errorMessage).toContain("1 test failed");
  });
});

describe("a target that moves while gates run", () => {
  /** A repo in which somebody commits to main just before each of the first n advances. */
  const disturbed = (repo: Repo, times: number): Repo => {
    let count = 0;
    return {
      ...repo,
      advance: (...args) => {
        if (count++ < times) room.commit({ "b.txt": `person ${count}\n` });
        return repo.advance(...args);
      },
    };
  };

  it("is merged again from where it is then", async () => {
    room.branch("ov/alice/t-1", { "a.txt": "two\n" });
    tools.repo = disturbed(tools.repo, 2);
    expect(await merge({ branches: ["ov/alice/t-1"] })).toMatchObject([{ status: "merged" }]);
    expect(room.git("show", "main:b.txt")).toBe("person 2\n");
    expect(room.git("show", "main:a.txt")).toBe("two\n");
  });

  it("because of another merge gets both", async () => {
    room.branch("ov/alice/t-1", { "a.txt": "two\n" });
    room.branch("ov/lead/t-2", { "b.txt": "two\n" });
    const branches = [["ov/alice/t-1"], ["ov/lead/t-2"]];
    const both = await Promise.all(branches.map((one) => merge({ branches: one })));
    expect(both.flat().map((outcome) => outcome.status)).toEqual(["merged", "merged"]);
    expect([room.read("a.txt"), room.read("b.txt")]).toEqual(["two\n", "two\n"]);
    expect(room.git("status", "--porcelain")).toBe("");
  });

  it("of many others waits for its turn, and no gate runs in vain", async () => {
    const names = ["c", "d", "e", "f", "g"];
    for (const name of names) room.branch(`ov/alice/${name}`, { [`${name}.txt`]: "new\n" });
    const ran = join(room.base, "ran");
    tools.config = { ...tools.config, gates: [`sleep 0.05; echo >>'${ran}'`] };
    const all = await Promise.all(names.map((name) => merge({ branches: [`ov/alice/${name}`] })));
    expect(all.flat().map(({ status }) => status)).toEqual(names.map(() => "merged"));
    expect(names.map((name) => room.read(`${name}.txt`))).toEqual(names.map(() => "new\n"));
    expect(room.git("status", "--porcelain")).toBe("");
    expect(readFileSync(ran, "utf8").length).toBe(names.length);
    expect(new Set(waits)).toEqual(new Set([`${process.pid} main`]));
    expect(store.leases.holder("merge:main")).toBeUndefined();
  });

  it("that was killed is not waited for", async () => {
    room.branch("ov/alice/t-1", { "a.txt": "two\n" });
    store.leases.take("merge:main", `${spawnSync("true").pid}:dead`, Date.now() + 60_000);
    expect(await merge({ branches: ["ov/alice/t-1"] })).toMatchObject([{ status: "merged" }]);
    expect(waits).toEqual([]);
  });

  it("each time is given up after the third", async () => {
    room.branch("ov/alice/t-1", { "a.txt": "two\n" });
    tools.repo = disturbed(tools.repo, 9);
    const [outcome] = await merge({ branches: ["ov/alice/t-1"] });
    expect(outcome?.status).toBe("refused");
    expect(outcome).not.toHaveProperty("commit");
    expect(outcome?.error).toContain("has moved");
    expect(room.git("show", "main:b.txt")).toBe("person 3\n");
  });
});

describe("a person's checkout in the way", () => {
  it("refuses this branch, tells no agent, and lets the others be merged", async () => {
    room.branch("ov/alice/t-1", { "a.txt": "two\n" });
    room.branch("ov/lead/t-2", { "b.txt": "two\n" });
    room.write("a.txt", "half done\n");
    const outcomes = await merge({ branches: ["ov/alice/t-1", "ov/lead/t-2"] });
    expect(outcomes).toMatchObject([
      { status: "refused", error: expect.stringContaining("a.txt") },
      { status: "merged" },
    ]);
    expect(room.read("a.txt")).toBe("half done\n");
    expect(letters()).toMatchObject([{ type: "merged", to: ["lead", "orchestrator"] }]);
  });
});

describe("the page about merging", () => {
  it("tells of every outcome", () => {
    const page = readFileSync("docs/merge.md", "utf8");
    for (const status of MERGE_STATUSES) expect(page).toContain(`\`${status}\``);
  });
});

describe("a dry run", () => {
  it("tells what would happen and changes nothing", async () => {
    room.branch("ov/alice/t-1", { "a.txt": "alice\n" });
    room.branch("ov/lead/t-2", { "a.txt": "lead\n" });
    room.branch("ov/lead/t-3", { "b.txt": "lead\n" });
    writeFileSync(join(room.root, "b.txt"), "half done\n");
    tools.config = { ...tools.config, gates: ["touch ../../../gate-ran"] };
    const before = { refs: room.git("for-each-ref"), ...room.picture() };
    const events = store.events.last();
    const branches = ["ov/alice/t-1", "ov/lead/t-2", "ov/lead/t-3"];
    expect(await merge({ branches, dryRun: true })).toMatchObject([
      { status: "would_merge", files: ["a.txt"] },
      { status: "would_conflict", conflictFiles: ["a.txt"] },
      { status: "refused", error: expect.stringContaining("b.txt") },
    ]);
    expect({ refs: room.git("for-each-ref"), ...room.picture() }).toEqual(before);
    expect(scratches(room)).toEqual([]);
    expect(store.events.last()).toBe(events);
    expect(letters()).toEqual([]);
  });
});
