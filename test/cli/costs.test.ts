import { rmSync } from "node:fs";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TeamRoom } from "../team-room.ts";

const SOON = { timeout: 90_000, interval: 100 };
const room = new TeamRoom({
  config: "costs:\n  prices:\n    scripted: { input: 3, output: 15, cacheRead: 0.3 }\n",
});
const WORK = "RUN: echo hi >made && git add made && git commit -qm work";
const keys = (rows: { key: unknown }[]) => rows.map(({ key }) => key);
const transcript = (agent: string): string => {
  const db = new Database(`${room.root}/.overture/overture.db`, { readonly: true });
  const sql = "SELECT transcript FROM sessions WHERE agent = ? ORDER BY generation DESC";
  const path = db.prepare(sql).pluck().get(agent) as string;
  db.close();
  return path;
};

beforeAll(async () => {
  await room.json("sling", "t-1", "--name", "bo", "--prompt", WORK);
  await room.json("sling", "t-2", "--name", "cy", "--prompt", "hello");
  await room.becomes("bo", "idle");
  await room.becomes("cy", "idle");
});
afterAll(() => room.close());

describe("ov costs", () => {
  test("counts what the agents' own transcripts say, one row an agent, and the sum", async () => {
    await expect.poll(async () => (await room.json("costs")).total.calls, SOON).toBe(2);
    const { rows, total, uncounted, by } = await room.json("costs");
    expect(by).toBe("agent");
    expect(keys(rows).toSorted()).toEqual(["bo", "cy"]);
    const { input, cacheRead, output } = total.tokens;
    expect(total.usd).toBeCloseTo((input * 3 + cacheRead * 0.3 + output * 15) / 1e6, 8);
    expect(input).toBe(rows[0].tokens.input + rows[1].tokens.input);
    expect(uncounted).toEqual([]);
  });

  test.each([
    ["task", ["t-1", "t-2"]],
    ["run", [1]],
    ["runtime", ["scripted"]],
    ["model", ["scripted"]],
  ])("sums by %s", async (by, expected) => {
    const { rows } = await room.json("costs", "--by", by);
    expect(keys(rows).toSorted()).toEqual(expected);
  });

  test("filters narrow it, and a word that fits nothing is no sum of 0", async () => {
    expect(keys((await room.json("costs", "--agent", "cy")).rows)).toEqual(["cy"]);
    expect(keys((await room.json("costs", "--task", "t-1", "--run", "1")).rows)).toEqual(["bo"]);
    expect((await room.json("costs", "--since", "0s")).rows).toEqual([]);
    for (const [option, word] of [
      ["--agent", "nobody"],
      ["--task", "t-9"],
      ["--run", "9"],
    ] as const) {
      expect((await room.ov(["costs", option, word])).code).toBe(3);
    }
    expect((await room.ov(["costs", "--by", "colour"])).code).toBe(64);
  });

  test("a model without a price is a question mark, and says what to set", async () => {
    room.configure("");
    const { total } = await room.json("costs");
    expect([total.usd, total.unpriced]).toEqual([null, ["scripted"]]);
    const { stdout } = await room.ov(["costs"]);
    expect(stdout).toMatch(/^bo .* \?$/m);
    expect(stdout).toContain("no price is known for scripted: set costs.prices in the config");
  });

  test("an agent that starts again for another task has its old calls under the old one", async () => {
    await room.json("stop", "cy");
    await room.json("worktree", "clean", "cy");
    await room.json("sling", "t-3", "--name", "cy", "--prompt", "hello again");
    await room.becomes("cy", "idle");
    const tasks = async () =>
      keys((await room.json("costs", "--agent", "cy", "--by", "task")).rows);
    await expect.poll(async () => (await tasks()).toSorted(), SOON).toEqual(["t-2", "t-3"]);
    expect((await room.json("costs", "--agent", "cy")).total.sessions).toBe(2);
  });

  test("a transcript that is gone is named, and not taken for nothing used", async () => {
    rmSync(transcript("cy"));
    const { uncounted } = await room.json("costs");
    expect(uncounted).toMatchObject([{ agent: "cy", why: expect.stringContaining("is gone: /") }]);
    expect((await room.ov(["costs"])).stdout).toContain("not counted: cy session-");
  });
});

describe("ov metrics", () => {
  test("says how letters went, and how long until they were seen", async () => {
    const send = ["mail", "send", "--to", "bo", "--subject", "s", "--body", "b", "--wake"];
    await room.json(...send, "--wait", "seen");
    await room.json("mail", "send", "--to", "orchestrator", "--from", "bo", "--subject", "s");
    const { letters, seen, sent, wakeTries, sessions } = await room.json("metrics");
    expect(sent).toBe(2);
    expect(letters).toMatchObject([
      { state: "queued", door: null, letters: 1, medianMs: null },
      { state: "seen", door: "hook:UserPromptSubmit", letters: 1 },
    ]);
    expect(seen.letters).toBe(1);
    expect(seen.medianMs).toBeGreaterThan(0);
    expect(seen.p95Ms).toBe(seen.medianMs);
    expect(wakeTries).toBeGreaterThanOrEqual(1);
    expect(sessions).toMatchObject({ started: 3, ended: { asked: 1 }, crashes: 0 });
    expect((await room.json("metrics", "--since", "0s")).sent).toBe(0);
    expect((await room.ov(["metrics"])).stdout).toMatch(/^seen +hook:UserPromptSubmit +1 +/m);
  });

  test("counts sessions by how they ended; a pane that was closed is no crash", async () => {
    room.tmux("kill-pane", "-t", "=cy:");
    await room.becomes("cy", "dead");
    await room.ov(["stop", "cy"]);
    const { sessions } = await room.json("metrics");
    expect(sessions).toMatchObject({ ended: { quit: 1, asked: 1 }, crashes: 0 });
  });

  test("counts merges by tier, and holds by reason", async () => {
    room.tmux("send-keys", "-t", "=bo:", "-l", "half a thought");
    await expect.poll(() => room.screen("bo"), SOON).toContain("half a thought");
    await room.json("mail", "send", "--to", "bo", "--subject", "s", "--body", "b", "--wake");
    const holds = async () => (await room.json("metrics")).holds;
    await expect.poll(holds, SOON).toMatchObject({ human_draft: 1 });
    await room.json("merge", "--all");
    expect((await room.json("metrics")).merges).toEqual({ "merged (clean)": 1 });
    expect((await room.json("run", "show")).merges).toEqual({ "merged (clean)": 1 });
    await room.json("stop", "bo");
  });
});

describe("ov run", () => {
  const list = async () => (await room.json("run", "list")).runs;

  test("one run began with the first sling, and has all that came since", async () => {
    expect(await list()).toMatchObject([{ id: 1, state: "open", agents: ["bo", "cy"] }]);
    const report = await room.json("run", "show");
    expect(report).toMatchObject({ run: { id: 1, state: "open" }, tasks: ["t-1", "t-2", "t-3"] });
    expect(report.sessions).toMatchObject([
      { agent: "bo", task: "t-1", endReason: "stopped" },
      { agent: "cy", task: "t-2", endReason: "stopped" },
      { agent: "cy", task: "t-3", endReason: "its pane was closed" },
    ]);
    // Two of the tests above, one that was held, and what bo and its parent were told of the merge.
    expect(report.letters.sent).toBe(2 + 1 + 1);
    expect(report.total.calls).toBeGreaterThanOrEqual(3);
    const { stdout } = await room.ov(["run", "show", "1"]);
    expect(stdout).toMatch(/session +cy 2 +scripted, task t-3, ended: quit: its pane was closed/);
  });

  test("who takes up earlier work goes on in its run, a new team begins the next one", async () => {
    await room.json("sling", "t-1", "--name", "bo", "--recover", "--prompt", "hello");
    expect(await list()).toHaveLength(1);
    await room.becomes("bo", "idle");
    await room.json("stop", "bo");
    await room.json("sling", "t-4", "--name", "di", "--prompt", "hello");
    const [first, second] = await list();
    expect(first).toMatchObject({ state: "completed", why: "all its sessions had ended" });
    expect(Date.parse(first.endedAt)).toBeLessThanOrEqual(Date.parse(second.startedAt));
    expect(second).toMatchObject({ id: 2, state: "open", agents: ["di"] });
  });

  test("complete ends it, and the agents go on; nothing is open then", async () => {
    await room.becomes("di", "idle");
    const { run } = await room.json("run", "complete");
    expect(run).toMatchObject({ id: 2, state: "completed", why: "completed by orchestrator" });
    expect(await room.state("di")).toBe("idle");
    const again = await room.ov(["run", "complete", "--json"]);
    expect([again.code, JSON.parse(again.stdout).error.message]).toEqual([1, "no run is open"]);
  });

  test("only the open run can be completed, and a run that is not there is not found", async () => {
    await room.json("sling", "t-5", "--name", "ed", "--prompt", "hello");
    expect((await list()).at(-1)).toMatchObject({ id: 3, agents: ["di", "ed"] });
    const { code, stderr } = await room.ov(["run", "complete", "1"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("run 3 is: ov run complete")]);
    expect((await room.ov(["run", "show", "8"])).code).toBe(3);
  });
});
