import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TeamRoom, until } from "../team-room.ts";

const SOON = { timeout: 90_000, interval: 50 };
let room: TeamRoom;
beforeEach(() => {
  room = new TeamRoom();
});
afterEach(async () => {
  await room.ov(["down"]);
  await room.close();
});

async function sling(name: string, prompt = "begin", state = "idle"): Promise<void> {
  await room.json("sling", `t-${name}`, "--name", name, "--prompt", prompt);
  await room.becomes(name, state);
}
const send = async (to: string, ...more: string[]) =>
  (await room.json("mail", "send", "--to", to, "--subject", "s", "--body", "b", ...more)).id;
// biome-ignore lint/suspicious/noExplicitAny: JSON of a verb.
const row = async (name: string): Promise<any> =>
  (await room.json("status", "--all")).agents.find((one: { name: string }) => one.name === name);
/** For how long `ov status` says that its state holds, in ms. */
const held = async (name: string) => Date.now() - Date.parse((await row(name)).since);

describe("a message to an agent that does not run", () => {
  const isResting = async (id: string) => {
    expect(await room.receipt(id, "bo")).toMatchObject({ state: "queued" });
    const explained = await room.json("explain", "bo");
    const letter = explained.letters.find((one: { id: string }) => one.id === id);
    expect(letter).toMatchObject({
      why: expect.stringContaining("not_running"),
      nextTryInMs: null,
    });
    expect((await row("bo")).held).toEqual(["not_running"]);
  };

  test("is held as not running, when it was held for another reason before", async () => {
    await sling("bo", "ASK: true", "waiting");
    const id = await send("bo", "--wake");
    await until(
      "held",
      () => row("bo"),
      ({ held: reasons }) => reasons.includes("dialog_open"),
    );
    await room.json("stop", "bo");
    await isResting(id);
    await room.json("resume", "bo");
    await expect.poll(async () => (await room.receipt(id, "bo")).state, SOON).toBe("seen");
  });

  test("is held as not running, when it was stored after the end", async () => {
    await sling("bo");
    await room.json("stop", "bo");
    await isResting(await send("bo", "--wake"));
  });
});

describe("status says since when a state holds", () => {
  test("at a dialog, after an exit and after a stop", async () => {
    await sling("bo", "ASK: true", "waiting");
    await sling("ada", "EXIT 3", "exited");
    await sling("eve");
    await room.json("stop", "eve");
    await room.json("status");
    const began = Date.now();
    await expect.poll(() => Date.now() - began, SOON).toBeGreaterThan(3_000);
    for (const name of ["bo", "ada", "eve"]) {
      expect(await held(name), name).toBeGreaterThan(3_000);
      expect(await held(name), name).toBeLessThan(90_000);
    }
  });
});

describe("the carrier", () => {
  const status = () => room.json("status");

  test("takes over at once from a dispatcher that waits beside a held message", async () => {
    await sling("bo", "ASK: true", "waiting");
    await send("bo", "--wake");
    const before = await until(
      "a dispatcher",
      () => room.dispatcher()?.pid,
      (pid) => pid !== undefined,
    );
    const began = Date.now();
    const { pid } = await room.json("up");
    expect(Date.now() - began).toBeLessThan(45_000);
    expect(pid).not.toBe(before);
    expect(room.dispatcher()?.pid).toBe(pid);
    expect(await status()).toMatchObject({ carrier: { pid } });
    expect((await room.ov(["status"])).stdout).toContain(`carrier: process ${pid}`);
  });

  test("is named by status, and so is how it ended", async () => {
    expect(await status()).toMatchObject({ carrier: null, carrierEnded: null });
    const { pid } = await room.json("up");
    process.kill(pid, "SIGKILL");
    const killed = { why: expect.stringContaining(`process ${pid} ended without a word`) };
    await expect.poll(status, SOON).toMatchObject({ carrier: null, carrierEnded: killed });
    await room.json("up");
    await room.json("down");
    const told = { why: "it was told to end" };
    expect(await status()).toMatchObject({ carrier: null, carrierEnded: told });
    expect((await room.ov(["status"])).stdout).toMatch(
      /none, the last one ended .* ago: it was told/,
    );
    const { events } = await room.json("logs", "--kind", "carrier");
    const kinds = events.map((one: { kind: string }) => one.kind);
    expect(kinds).toEqual(["carrier.started", "carrier.started", "carrier.ended"]);
  });

  test("is one where several are started at once, and all of them say so", async () => {
    const all = await Promise.all([1, 2, 3, 4].map(() => room.ov(["up"])));
    const { carrier } = await status();
    for (const one of all) {
      expect(one).toMatchObject({ code: 0, stderr: "" });
      expect(one.stdout).toMatch(new RegExp(`process ${carrier.pid}|runs already`));
    }
    const { events } = await room.json("logs", "--kind", "carrier.started");
    expect(events).toHaveLength(1);
  });

  test("was told to end by nobody where its tmux server has ended", async () => {
    await room.json("up");
    await room.endServer("ov");
    await expect.poll(status, SOON).toMatchObject({
      carrier: null,
      carrierEnded: { why: "its terminal was closed, or its tmux server ended" },
    });
  });

  test("a second one does not say that it carries", async () => {
    const { pid } = await room.json("up");
    const { code, stderr } = await room.ov(["watch"]);
    expect(code).toBe(1);
    expect(stderr).toBe(`ov: process ${pid} carries already\n    ov down ends it\n`);
  });

  test("prints what happens while it is watched, a plain line each", async () => {
    const watch = room.start(["watch"]);
    let said = "";
    watch.stderr.on("data", (text) => {
      said += text;
    });
    const says = (text: string) => expect.poll(() => said, SOON).toContain(text);
    await says("the carrier carries");
    await sling("bo");
    await says("bo started (scripted, task t-bo)");
    await send("bo", "--wake");
    await says('orchestrator wrote to bo: "s"');
    await says('bo has "s"');
    await room.json("stop", "bo");
    await says("bo ended: asked: stopped");
    await send("bo", "--wake");
    const over = new Promise((done) => watch.on("exit", done));
    watch.kill("SIGTERM");
    await over;
    expect(said).toContain("the carrier ended: it was told to end");
  });
});

describe("a long wait says what it waits for", () => {
  test("a merge names branch, gate and time, and nothing with --json", async () => {
    room.configure("merge:\n  gates: [sleep 7]\n");
    await sling("bo", "RUN: echo x > new.txt && git add -A && git commit -qm x");
    const { stderr } = await room.ov(["merge", "--all"]);
    expect(stderr).toMatch(/ov\/bo\/t-bo: the gate "sleep 7" runs, [5-9]s so far/);
    await sling("ada", "RUN: echo x > other.txt && git add -A && git commit -qm x");
    expect((await room.ov(["merge", "--all", "--json"])).stderr).toBe("");
  });

  test("a handoff says that the agent was asked for its own words", async () => {
    await sling("bo");
    const { stderr } = await room.ov(["handoff", "bo", "--wait", "2s"]);
    expect(stderr).toContain("asked bo for its own words: waiting up to 2s");
  });

  test("a question says that the agent stands at a dialog, and what to type", async () => {
    await sling("bo", "ASK: true", "waiting");
    const { stderr } = await room.ov(["ask", "bo", "well?", "--timeout", "9s"]);
    expect(stderr).toMatch(/bo stands at a dialog \(.*\): ov answer bo/);
  });
});
