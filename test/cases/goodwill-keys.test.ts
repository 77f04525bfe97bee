import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TeamRoom } from "../team-room.ts";

const SOON = { timeout: 60_000, interval: 100 };
const PROFILES = ["plain", "claude", "codex", "gemini", "opencode"];

const room = new TeamRoom();
afterAll(() => room.close());

const type = (agent: string, ...keys: string[]) =>
  room.tmux("send-keys", "-t", `=${agent}:`, ...keys);
/** As a person types it. */
async function prompt(agent: string, text: string): Promise<void> {
  type(agent, "-l", text);
  await expect.poll(() => room.screen(agent), SOON).toContain(text);
  type(agent, "Enter");
}
async function start(agent: string, profile = "plain"): Promise<void> {
  room.configure(`runtimes:\n  scripted:\n    args: ["--profile", "${profile}"]\n`);
  await room.json("sling", "t-1", "--name", agent);
  await room.becomes(agent, "idle");
}
const events = async (agent: string, kind: string) =>
  (await room.json("logs", "--agent", agent, "--kind", kind)).events;

describe.each(PROFILES)("an agent with the habits of %s", (profile) => {
  const bo = `bo-${profile}`;
  beforeAll(() => start(bo, profile));

  test("ov interrupt ends its turn, and then gives it the words", async () => {
    await prompt(bo, "SLOW 60");
    await room.becomes(bo, "busy");
    const { interrupted, proof, id } = await room.json("interrupt", bo, "use", "the", "old", "API");
    expect([interrupted, proof]).toEqual([true, expect.stringMatching(/Interrupted|prompt|idle/)]);
    await expect.poll(async () => (await room.receipt(id, bo))?.state, SOON).toBe("seen");
    await room.becomes(bo, "idle");
    expect(room.reached(bo, "use the old API")).toBe(1);
    expect((await events(bo, "agent.interrupted")).length).toBe(1);
  });

  test("a tool that runs is interrupted too", async () => {
    await prompt(bo, "RUN: sleep 50");
    await room.becomes(bo, "busy");
    expect((await room.json("interrupt", bo)).interrupted).toBe(true);
    await room.becomes(bo, "idle");
  });

  test("ov command types /compact, and says what shows that it was taken", async () => {
    const { typed, proof } = await room.json("command", bo, "/compact");
    expect([typed, proof]).toEqual(["/compact", expect.stringMatching(/ompact/)]);
    await room.becomes(bo, "idle");
    expect(room.screen(bo)).toContain("Compacted");
  });
});

describe("no key is pressed", () => {
  const eve = "eve";
  beforeAll(() => start(eve));
  const refused = async (args: string[], why: string, env = {}) => {
    const before = room.screen(eve);
    const { code, stderr } = await room.ov(args, { env });
    expect([code, stderr]).toEqual([1, expect.stringContaining(why)]);
    expect(room.screen(eve)).toBe(before);
  };

  test("into an idle agent: it is told the words, and that it was in no turn", async () => {
    const { interrupted, id } = await room.json("interrupt", eve, "hello");
    expect(interrupted).toBe(false);
    await expect.poll(async () => (await room.receipt(id, eve))?.state, SOON).toBe("seen");
    await room.becomes(eve, "idle");
    expect(room.screen(eve)).not.toContain("Interrupted");
  });

  test("by an agent", async () => {
    const env = { OV_AGENT: "bo-plain" };
    const who = "bo-plain (its environment says so) may not do this: ov";
    await refused(["interrupt", eve], `${who} interrupt ${eve}`, env);
    await refused(["command", eve, "/compact"], `${who} command`, env);
  });

  test("for a command that its runtime is not known for", async () => {
    const { code, stderr } = await room.ov(["command", eve, "/compct"]);
    expect([code, stderr]).toEqual([3, expect.stringContaining('did you mean "/compact"?')]);
    for (const words of ["rm", "!ls", "constructor"]) {
      expect((await room.ov(["command", eve, words])).code).toBe(3);
    }
  });

  test("into a draft", async () => {
    type(eve, "-l", "half a thought");
    await expect.poll(() => room.screen(eve), SOON).toContain("half a thought");
    await refused(["command", eve, "/compact"], "a draft stands in its composer");
    await refused(["interrupt", eve], "a draft stands in its composer");
    type(eve, "C-u");
    await expect.poll(() => room.screen(eve), SOON).not.toContain("half a thought");
  });

  test("into copy mode", async () => {
    room.tmux("copy-mode", "-t", `=${eve}:`);
    await refused(["command", eve, "/compact"], "copy mode");
    expect(room.tmux("display-message", "-p", "-t", `=${eve}:`, "#{pane_in_mode}").trim()).toBe(
      "1",
    );
    room.tmux("copy-mode", "-q", "-t", `=${eve}:`);
  });

  test("into a working agent, for a command", async () => {
    await prompt(eve, "SLOW 60");
    await room.becomes(eve, "busy");
    const { code, stderr } = await room.ov(["command", eve, "/compact"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("it is busy")]);
    expect(room.screen(eve)).not.toContain("/compact");
    await room.json("interrupt", eve);
    await room.becomes(eve, "idle");
  });

  test("at a dialog", async () => {
    await prompt(eve, "ASK: touch made-by-dialog");
    await room.becomes(eve, "waiting");
    await refused(["interrupt", eve], "Escape would answer its dialog");
    await refused(["command", eve, "/compact"], "a dialog is open");
    expect((await room.ov(["interrupt", eve])).stderr).toContain(`ov answer ${eve}`);
    await room.json("answer", eve, "2");
    await room.becomes(eve, "idle");
  });

  test("into a program that has left its pane to a shell", async () => {
    await prompt(eve, "EXIT 0");
    await room.becomes(eve, "exited");
    for (const args of [
      ["interrupt", eve],
      ["command", eve, "/compact"],
    ]) {
      expect((await room.ov(args)).code).toBeGreaterThan(0);
    }
  });
});
