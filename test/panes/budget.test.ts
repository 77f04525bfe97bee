import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TeamRoom } from "../team-room.ts";

const SOON = { timeout: 90_000, interval: 100 };
const room = new TeamRoom();
const news = join(room.base, "news");

/** A token of the scripted agent is dear enough that its first prompt alone costs some cents. */
function limit(budget: string): void {
  room.configure(`notify: [sh, "${join(room.base, "tell.sh")}"]
costs:
  prices:
    scripted: { input: 1000, output: 1000 }
budget: ${budget}
`);
}
const told = (): { kind: string; agent: string; detail: string }[] =>
  existsSync(news)
    ? readFileSync(news, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : [];
const letter = (body: string, ...more: string[]) =>
  room.json("mail", "send", "--to", "bo", "--subject", "s", "--body", body, "--wake", ...more);
const explained = async () => (await room.ov(["explain", "bo"])).stdout;
const budgetEvents = async () => {
  const { events } = await room.json("logs", "--kind", "budget", "--agent", "bo");
  return events.map(({ kind }: { kind: string }) => kind);
};

beforeAll(async () => {
  writeFileSync(join(room.base, "tell.sh"), `cat >>"${news}"\n`);
  limit("{ usdPerAgent: 0.05 }");
  await room.json("sling", "t-1", "--name", "bo", "--prompt", "hello");
  await room.becomes("bo", "idle");
});
afterAll(async () => {
  await room.ov(["down"]);
  await room.close();
});

let held: string;
test("a letter to an agent over its budget is held with the figure and what to do next", async () => {
  ({ id: held } = await letter("held-by-budget"));
  await expect.poll(async () => (await room.receipt(held, "bo")).reason, SOON).toBe("over_budget");
  const text = await explained();
  expect(text).toMatch(/budget +bo has used \$0\.\d+ of \$0\.0500 \(budget\.usdPerAgent\)/);
  expect(text).toContain("raise budget.usdPerAgent in .overture/config.yaml, or begin a new run");
  expect(text).toContain("held: over_budget: the agent has used up its budget");
  expect(await room.state("bo")).toBe("idle");
  expect(room.reached("bo", "held-by-budget")).toBe(0);
});

test("its own word says the same as JSON, and status shows the hold", async () => {
  const { budget } = await room.json("explain", "bo");
  expect(budget).toMatchObject({ limit: "usdPerAgent", of: "bo", most: 0.05 });
  expect(budget.used).toBeGreaterThan(0.05);
  const { agents } = await room.json("status");
  expect(agents.find(({ name }: { name: string }) => name === "bo").held).toEqual(["over_budget"]);
});

test("the person is told once, by one event with the evidence", async () => {
  await expect.poll(told, SOON).toHaveLength(1);
  expect(told()[0]).toMatchObject({ kind: "over_budget", agent: "bo" });
  expect(told()[0]!.detail).toMatch(/^bo has used \$0\.\d+ of \$0\.0500/);
  await room.ov(["deliver"]);
  await room.ov(["deliver"]);
  expect(told()).toHaveLength(1);
  expect(await budgetEvents()).toEqual(["budget.over"]);
});

test("a turn of a person's own goes on, and its stop does not take the letter along", async () => {
  const { id } = await letter("low-key", "--priority", "low");
  room.tmux("send-keys", "-t", "=bo:", "-l", "SLOW 1");
  await expect.poll(() => room.screen("bo"), SOON).toContain("SLOW 1");
  room.tmux("send-keys", "-t", "=bo:", "Enter");
  await expect.poll(() => room.requests("bo").length, SOON).toBe(2);
  const { id: late } = await letter("while-it-works");
  await room.becomes("bo", "idle");
  // What waited when the person's prompt was sent came with it: that turn was going to cost.
  expect((await room.receipt(id, "bo")).state).not.toBe("queued");
  expect((await room.receipt(late, "bo")).state).toBe("queued");
  expect(room.requests("bo")).toHaveLength(2);
});

test("a raised limit lets the letters go", async () => {
  const { id } = await letter("after-the-raise");
  await expect.poll(async () => (await room.receipt(id, "bo")).reason, SOON).toBe("over_budget");
  limit("{ usdPerAgent: 100 }");
  await room.ov(["mail", "check"]);
  await expect.poll(async () => (await room.receipt(id, "bo")).state, SOON).toBe("seen");
  await room.becomes("bo", "idle");
  expect(await budgetEvents()).toEqual(["budget.over", "budget.under"]);
  expect(room.reached("bo", "after-the-raise")).toBe(1);
});

test("a carrier sees a limit that is set while it runs, and warns before it is passed", async () => {
  await room.json("up");
  limit("{ tokensPerAgent: 10000000, usdPerRun: 100, warnAt: 0.001 }");
  await expect.poll(budgetEvents, { timeout: 90_000, interval: 200 }).toContain("budget.near");
  await expect.poll(() => told().at(-1)?.kind, SOON).toBe("near_budget");
  const { id } = await letter("near-is-not-over");
  await expect.poll(async () => (await room.receipt(id, "bo")).state, SOON).toBe("seen");
});

test("what has no price uses up no limit in money, and all of a limit in tokens", async () => {
  await room.ov(["down"]);
  await room.becomes("bo", "idle");
  room.configure("budget: { usdPerAgent: 0.000001 }\n");
  const { id } = await letter("free-as-far-as-known");
  await expect.poll(async () => (await room.receipt(id, "bo")).state, SOON).toBe("seen");
  await room.becomes("bo", "idle");
  room.configure("budget: { tokensPerAgent: 10 }\n");
  const { id: next } = await letter("too-many-tokens");
  await expect.poll(async () => (await room.receipt(next, "bo")).reason, SOON).toBe("over_budget");
  expect(await explained()).toMatch(/bo has used [\d.k]+ tokens of 10 tokens/);
});

test("a new run begins with nothing used", async () => {
  expect((await room.ov(["run", "complete"])).code).toBe(0);
  await letter("of-the-new-run");
  await expect.poll(async () => (await budgetEvents()).at(-1), SOON).toBe("budget.under");
});
