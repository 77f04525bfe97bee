import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TeamRoom, until } from "../team-room.ts";

let room: TeamRoom;
let carrier: ReturnType<TeamRoom["start"]> | undefined;
beforeEach(() => {
  room = new TeamRoom({ config: "restart:\n  backoffSeconds: 0.2\n  limit: 2\n" });
});
afterEach(async () => {
  carrier?.kill("SIGTERM");
  await room.close();
});

const carry = () => {
  carrier = room.start(["watch"]);
};
const pid = (generation = 1) =>
  Number(readFileSync(join(room.session("bo", generation), "pid"), "utf8"));
const kill = (generation?: number) => process.kill(-pid(generation), "SIGKILL");
const begun = (generation: number) =>
  until(
    `session ${generation}`,
    () => existsSync(join(room.session("bo", generation), "home", "requests.jsonl")),
    (is) => is,
  );
// biome-ignore lint/suspicious/noExplicitAny: JSON of a verb.
const events = async (kind: string): Promise<any[]> =>
  (await room.json("logs", "--agent", "bo")).events.filter(
    (one: { kind: string }) => one.kind === kind,
  );

test("a killed agent is brought back by the carrier with its work, and its parent is told", async () => {
  await room.json("sling", "t-1", "--name", "lead", "--prompt", "lead");
  await room.json("sling", "t-2", "--name", "bo", "--parent", "lead", "--prompt", "build-4471");
  await room.becomes("bo", "idle");
  writeFileSync(join(room.root, ".overture/worktrees/bo/half.txt"), "half\n");
  carry();
  kill();
  await begun(2);
  await room.becomes("bo", "idle");
  for (const fact of ["build-4471", "half.txt", "ov/bo/t-2"]) {
    expect(room.reached("bo", fact, 2)).toBeGreaterThan(0);
  }
  const { messages } = await room.json("mail", "list", "--to", "lead");
  expect(messages).toMatchObject([{ type: "worker_died", from: "overture" }]);
  expect(JSON.parse(messages[0].payload)).toMatchObject({
    agentName: "bo",
    taskId: "t-2",
    reason: "exit code 137",
  });
});

test("after so many restarts an agent is given up, and the person is told once", async () => {
  const told = join(room.base, "told");
  room.configure(
    `restart:\n  backoffSeconds: 0.2\n  limit: 2\nnotify: [sh, -c, 'cat >>${told}']\n`,
  );
  await room.json("sling", "t-2", "--name", "bo", "--prompt", "build-4471");
  await room.becomes("bo", "idle");
  carry();
  for (const generation of [1, 2, 3]) {
    await begun(generation);
    kill(generation);
  }
  await until(
    "given up",
    () => events("agent.given_up"),
    (found) => found.length === 1,
  );
  expect(await events("agent.restarted")).toHaveLength(2);
  expect(existsSync(room.session("bo", 4))).toBe(false);
});

test("who was stopped, quit or whose pane was closed stays ended", async () => {
  for (const name of ["bo", "ada", "eve"]) {
    await room.json("sling", "t-1", "--name", name, "--prompt", "x");
    await room.becomes(name, "idle");
  }
  carry();
  await room.json("stop", "bo");
  room.tmux("kill-pane", "-t", "=ada:");
  room.tmux("send-keys", "-t", "=eve:", "-l", "EXIT 0");
  room.tmux("send-keys", "-t", "=eve:", "Enter");
  // The carrier looks every ten seconds: one death after them is its proof of a look.
  await room.json("sling", "t-1", "--name", "zoe", "--prompt", "x");
  await room.becomes("zoe", "idle");
  process.kill(-Number(readFileSync(join(room.session("zoe"), "pid"), "utf8")), "SIGKILL");
  await until(
    "zoe",
    () => existsSync(room.session("zoe", 2)),
    (is) => is,
  );
  const { agents } = await room.json("status");
  const live = agents.filter(
    ({ state }: { state: string }) => !["stopped", "exited"].includes(state),
  );
  expect(live.map(({ name }: { name: string }) => name)).toEqual(["zoe"]);
});

test("with the tmux server gone, a carrier outside of it brings the team back", async () => {
  await room.json("sling", "t-2", "--name", "bo", "--prompt", "build-4471");
  await room.becomes("bo", "idle");
  carry();
  await until(
    "the carrier",
    async () => room.dispatcher()?.pid,
    (found) => found === carrier?.pid,
  );
  await room.endServer("ov");
  await begun(2);
  await room.becomes("bo", "idle");
});
